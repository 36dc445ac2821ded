package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand images in one folder, ten of them bad, killed and resumed, in constant memory. */
@Tag("full")
class ManyImagesTest {
    private static final int GOOD = 990;
    private static final int BAD = 10;
    private static final int KILLED_AT = 150;

    /** Images whose results are counted before the heap is looked at. */
    private static final int INTERVAL = 100;

    /** An image and its result have 85 kB: the heap would grow by 50 MB if one of them stayed, and by 10 if a tenth did. */
    private static final long TOLERANCE = 3_000_000;

    /** Runs the command; notes how much the heap holds after each hundredth result, garbage apart. */
    static final class Measured {
        private Measured() {}

        /** @param arguments where the notes go, and the command's words */
        public static void main(String[] arguments) {
            Path notes = Path.of(arguments[0]);
            PrintWriter out = new PrintWriter(Writer.nullWriter()) {
                private int results;

                @Override
                public void println(Object result) {
                    if (++results % INTERVAL == 0) {
                        note(notes);
                    }
                }
            };
            String[] words = Arrays.copyOfRange(arguments, 1, arguments.length);
            int code = Main.run(Map.of(), out, new PrintWriter(System.err, true, StandardCharsets.UTF_8), words);
            System.exit(code);
        }

        /** The least of several looks: a prediction goes on meanwhile. */
        private static void note(Path notes) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
            }
            try {
                Files.writeString(notes, least + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @TempDir
    Path folder;

    private Process start(String name, String... more) throws IOException {
        Stream<Object> words = Stream.of(
                folder.resolve(name + ".heap"),
                "depth",
                folder.resolve("images"),
                "--output",
                folder.resolve("out"),
                "--processing-res",
                32,
                "--format",
                "npy");
        return Ran.process(Measured.class, Stream.concat(words, Stream.of(more)).toArray())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
    }

    @Test
    void constantMemoryBadFilesAndAKill() throws Exception {
        for (int i = 0; i < GOOD; i++) { // of three sizes
            TestImages.noise(folder.resolve("images/" + i + ".png"), 128 + 8 * (i % 3), 96, i);
        }
        for (int i = 0; i < BAD; i++) {
            TestImages.bad(folder.resolve("images"), i);
        }
        Process victim = start("killed");
        Path journal = folder.resolve("out").resolve(Journal.FILE);
        while (victim.isAlive()
                && (Files.notExists(journal) || wholeLines(journal).size() < KILLED_AT)) {
            Thread.sleep(5);
        }
        victim.destroyForcibly().waitFor();
        int done = wholeLines(journal).size();
        Map<Path, FileTime> before = results(journal);
        assertThat(before).hasSize(done);

        Process resumed = start("resumed", "--resume");
        int code = resumed.waitFor();
        List<String> log = Files.readAllLines(folder.resolve("resumed.log"));
        assertThat(code).as(String.join("\n", log)).isEqualTo(1);
        assertThat(log).contains("note: " + done + " of 1000 images are done already");
        assertThat(log.getLast()).contains(BAD + " of 1000 images failed");
        assertThat(log).filteredOn(line -> line.contains("bad-")).hasSize(BAD);
        for (Map.Entry<Path, FileTime> each : before.entrySet()) {
            assertThat(Files.getLastModifiedTime(each.getKey())).isEqualTo(each.getValue());
        }
        assertThat(results(journal)).hasSize(GOOD);

        long[] heap = Files.readAllLines(folder.resolve("resumed.heap")).stream()
                .mapToLong(Long::parseLong)
                .toArray();
        System.out.println("heap after each " + INTERVAL + " images, bytes: " + Arrays.toString(heap));
        assertThat(heap.length).isGreaterThanOrEqualTo(6);
        long warm = heap[1];
        assertThat(Arrays.stream(heap).skip(2))
                .allSatisfy(each -> assertThat(each).isLessThan(warm + TOLERANCE));
    }

    private static List<String> wholeLines(Path journal) throws IOException {
        try (Stream<String> lines = Files.lines(journal)) {
            return lines.filter(line -> line.endsWith("}}}")).toList();
        }
    }

    /** Those that the journal names. */
    private Map<Path, FileTime> results(Path journal) throws IOException {
        String named = String.join("\n", wholeLines(journal));
        Map<Path, FileTime> times = new HashMap<>();
        for (int i = 0; i < GOOD; i++) {
            Path result = folder.resolve("out/" + i + "_depth.npy");
            if (named.contains("\"" + result.getFileName() + "\":")) {
                times.put(result, Files.getLastModifiedTime(result));
            }
        }
        return times;
    }
}
