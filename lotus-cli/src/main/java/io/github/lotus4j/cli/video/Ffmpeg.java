package io.github.lotus4j.cli.video;

import io.github.lotus4j.error.LotusException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The ffmpeg program, which the user has installed. No shell ever sees what it is called with; names of files are given to it as
 * {@code file:NAME}, so that none is taken for an option, a pattern or an address.
 *
 * @param program where it lies
 */
public record Ffmpeg(Path program) {
    private static final String NAME = File.separatorChar == '\\' ? "ffmpeg.exe" : "ffmpeg";
    private static final String PATH = "PATH";

    /**
     * Looks through the folders of {@code PATH}. Relative ones, the current folder too, are passed over: whatever lies there would be run.
     *
     * @param environment variables by their names
     */
    public static Optional<Ffmpeg> find(Map<String, String> environment) {
        return Stream.of(path(environment).split(File.pathSeparator, -1))
                .flatMap(folder -> program(folder).stream())
                .findFirst()
                .map(Ffmpeg::new);
    }

    /** On Windows it is called Path, or as whoever set it wrote it. */
    private static String path(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(PATH))
                .or(() -> environment.entrySet().stream()
                        .filter(each -> each.getKey().equalsIgnoreCase(PATH))
                        .map(Map.Entry::getValue)
                        .findFirst())
                .orElse("");
    }

    private static Optional<Path> program(String folder) {
        try {
            Path file = Path.of(folder, NAME);
            boolean runs = file.isAbsolute() && Files.isRegularFile(file) && Files.isExecutable(file);
            return runs ? Optional.of(file) : Optional.empty();
        } catch (InvalidPathException e) { // what is no folder holds no program
            return Optional.empty();
        }
    }

    /** The absolute path of a file, as ffmpeg is told it. */
    static String url(Path file) {
        return "file:" + file.toAbsolutePath();
    }

    /**
     * Starts it; it asks nothing, and says nothing but errors.
     *
     * @throws LotusException if it cannot be started
     */
    FfmpegProcess start(List<String> arguments) {
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "-nostdin", "-hide_banner", "-loglevel", "error"));
        command.addAll(arguments);
        return FfmpegProcess.start(command);
    }
}
