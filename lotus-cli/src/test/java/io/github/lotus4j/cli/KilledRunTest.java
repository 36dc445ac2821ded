package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs over a folder that are killed at random moments; the next call does the rest, and nothing again. */
class KilledRunTest {
    private static final int FEW = 3; // each starts a process
    private static final int MANY = 20;
    private static final int GOOD = 30;
    private static final int BAD = 4;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path expected;

    @SuppressWarnings("NullAway.Init")
    private Path output;

    @BeforeAll
    static void undisturbed() throws IOException {
        for (int i = 0; i < GOOD; i++) {
            TestImages.noise(folder.resolve("images/" + (i % 5) + "/" + i + ".png"), 40 - i, 24 + i, i);
        }
        for (int i = 0; i < BAD; i++) {
            TestImages.bad(folder.resolve("images/" + i), i);
        }
        expected = folder.resolve("expected");
        Ran ran = Ran.of(words(expected));
        assertThat(ran.code()).as(ran.err()).isEqualTo(1);
        assertThat(files(expected)).hasSize(4 * GOOD);
    }

    private static Object[] words(Path output, String... more) {
        return Stream.concat(
                        Stream.<Object>of(
                                "depth",
                                folder.resolve("images"),
                                "--recursive",
                                "--output",
                                output,
                                "--processing-res",
                                32,
                                "--format",
                                "npy,png,preview,ply"),
                        Stream.of(more))
                .toArray();
    }

    /** Every file but the journal, and its time. */
    private static Map<String, FileTime> files(Path root) throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                times.put(root.relativize(each).toString(), Files.getLastModifiedTime(each));
            }
        }
        times.remove(Journal.FILE);
        return times;
    }

    private List<String> journal() throws IOException {
        Path file = output.resolve(Journal.FILE);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    static Stream<Long> few() {
        return new Random(30).longs(FEW).boxed();
    }

    static Stream<Long> many() {
        return new Random(31).longs(MANY).boxed();
    }

    @ParameterizedTest
    @MethodSource("few")
    @Fault(
            value = "a batch of images is killed",
            by = "kill -9 at a random moment",
            then = "the next call with --resume does the rest and nothing twice; nothing half-written")
    void theNextCallDoesTheRest(long seed) throws Exception {
        killAndResume(seed);
    }

    @Tag("full")
    @ParameterizedTest
    @MethodSource("many")
    void theNextCallDoesTheRestWheneverTheLastWasKilled(long seed) throws Exception {
        killAndResume(seed);
    }

    private void killAndResume(long seed) throws Exception {
        Random random = new Random(seed);
        output = folder.resolve("killed-" + seed);
        Process victim = Ran.process(Main.class, words(output))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("victim.log").toFile())
                .start();
        int moment = 1 + random.nextInt(GOOD - 10);
        while (journal().size() < moment && victim.isAlive()) {
            Thread.sleep(1);
        }
        Thread.sleep(random.nextInt(30));
        victim.destroyForcibly().waitFor();
        if (random.nextBoolean()) {
            cutLastLine(1 + random.nextInt(100));
        }
        Map<String, FileTime> before = finished();

        Ran resumed = Ran.of(words(output, "--resume"));
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(1);
        int done = before.size() / 4;
        assertThat(resumed.err()).contains(BAD + " of " + (GOOD + BAD) + " images failed");
        assertThat(resumed.out().lines()).as("seed %d", seed).hasSize(4 * (GOOD - done));
        assertThat(files(output)).as("seed %d", seed).containsAllEntriesOf(before);
        assertThat(files(output))
                .as("seed %d", seed)
                .containsOnlyKeys(files(expected).keySet());
        for (String each : files(expected).keySet()) {
            assertThat(Files.mismatch(output.resolve(each), expected.resolve(each)))
                    .as(each)
                    .isEqualTo(-1);
        }
    }

    /** As where the process is killed in the middle of writing it. */
    private void cutLastLine(int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(output.resolve(Journal.FILE), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - bytes);
        }
    }

    /** The results that whole lines of the journal name. */
    private Map<String, FileTime> finished() throws IOException {
        String journal = String.join(
                "\n", journal().stream().filter(line -> line.endsWith("}}}")).toList());
        Map<String, FileTime> finished = files(output);
        finished.keySet().removeIf(each -> !journal.contains("\"" + each + "\""));
        assertThat(finished).hasSizeBetween(0, 4 * (GOOD - 1));
        return finished;
    }
}
