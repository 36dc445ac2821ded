package io.github.lotus4j.cli.video;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A script called ffmpeg, which does what a test wants it to: it lists what it was told, decodes frames of noise, and writes what it is to
 * encode as it is.
 */
public final class FakeFfmpeg {
    public static final int WIDTH = 24;
    public static final int HEIGHT = 16;

    /** What it is called for. */
    public enum Task {
        PROBE,
        DECODE,
        ENCODE;

        private String file(String suffix) {
            return name().toLowerCase(Locale.ROOT) + suffix;
        }
    }

    private final Path folder;

    /** Of a video with three frames at 30000/1001. */
    public FakeFfmpeg(Path folder) throws IOException {
        assumeTrue(
                File.separatorChar == '/',
                "the test's ffmpeg is a script of a POSIX shell, which this system has none of");
        this.folder = Files.createDirectories(folder);
        Path program = Files.writeString(folder.resolve("ffmpeg"), """
                #!/bin/sh
                here='%s'
                for last; do :; done
                case " $* " in
                *" framecrc "*) task=probe ;;
                *" image2pipe "*) task=decode ;;
                *) task=encode ;;
                esac
                printf '%%s\\n' "$@" > "$here/$task.arguments"
                echo $$ > "$here/$task.new" && mv "$here/$task.new" "$here/$task.pid"
                . "$here/$task.sh"
                """.formatted(folder));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        list(3);
        decode(frames(3));
        does(Task.ENCODE, "cat > \"${last#file:}\"");
    }

    /** The environment that it is found in. */
    public Map<String, String> environment() {
        return Map.of("HF_HUB_OFFLINE", "1", "PATH", folder.toString());
    }

    public Ffmpeg program() {
        return new Ffmpeg(folder.resolve("ffmpeg"));
    }

    /** What it does, in shell. */
    public void does(Task task, String script) throws IOException {
        Files.writeString(folder.resolve(task.file(".sh")), script + "\n");
    }

    /** Has it list so many frames. */
    public void list(int frames) throws IOException {
        StringBuilder list = new StringBuilder("#software: fake\n#tb 0: 1/30000\n#media_type 0: video\n");
        for (int i = 0; i < frames; i++) {
            list.append("0, %10d, %10d, 1001, 99, 0x0000ffff\n".formatted(i * 1001, i * 1001));
        }
        Files.writeString(folder.resolve("list"), list);
        does(Task.PROBE, "cat \"$here/list\"");
    }

    /** Has it decode to this. */
    public void decode(byte[] output) throws IOException {
        Files.write(folder.resolve("frames"), output);
        does(Task.DECODE, "cat \"$here/frames\"");
    }

    /** Frames of noise, as ffmpeg writes them. */
    public static byte[] frames(int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes("P6\n%d %d\n255\n".formatted(WIDTH, HEIGHT).getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(rgb(i));
        }
        return all.toByteArray();
    }

    /** The pixels of a frame. */
    public static byte[] rgb(int frame) {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        new Random(frame).nextBytes(rgb);
        return rgb;
    }

    /** What it was told. */
    public List<String> arguments(Task task) throws IOException {
        return Files.readAllLines(folder.resolve(task.file(".arguments")));
    }

    /** The process that it was, if it still runs. */
    public Optional<ProcessHandle> running(Task task) throws IOException {
        Path pid = folder.resolve(task.file(".pid"));
        return Files.exists(pid)
                ? ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                        .filter(ProcessHandle::isAlive)
                : Optional.empty();
    }

    /** Whether it was called for that. */
    public boolean was(Task task) {
        return Files.exists(folder.resolve(task.file(".pid")));
    }
}
