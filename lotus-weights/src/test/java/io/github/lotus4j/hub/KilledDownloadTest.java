package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes that are killed while they download, at random moments; the next call completes what they began. */
class KilledDownloadTest extends HubCase {
    private static final int FEW = 5; // each starts a process
    private static final int MANY = 20;

    /** Bytes of all large files. */
    private static final long ALL = 2_000_000 + 70_001 + 30_000;

    /** The process that is killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) {
            Map<String, String> environment = Map.of("HF_HOME", arguments[0], "HF_ENDPOINT", arguments[1]);
            new Hub(HubSettings.of(environment, Path.of(arguments[0])), QUICK, SMALL)
                    .fetch(REFERENCE, false, FetchListener.NONE);
        }
    }

    @BeforeEach
    void enlarge() {
        hub.files.put(UNET, bytes(2_000_000, 3));
        hub.pauseNanos = 1_000_000;
    }

    static Stream<Long> few() {
        return new Random(20).longs(FEW).boxed();
    }

    static Stream<Long> many() {
        return new Random(21).longs(MANY).boxed();
    }

    @ParameterizedTest
    @MethodSource("few")
    @Fault(
            value = "a download is killed",
            by = "kill -9 at a random moment",
            then = "the next call completes, with the right hash")
    void theNextCallCompletes(long seed) throws Exception {
        killAndComplete(seed);
    }

    @Tag("full")
    @ParameterizedTest
    @MethodSource("many")
    void theNextCallCompletesWheneverTheLastWasKilled(long seed) throws Exception {
        killAndComplete(seed);
    }

    private void killAndComplete(long seed) throws Exception {
        Process victim = victim();
        long moment = new Random(seed).nextLong(ALL);
        while (hub.sent.get() < moment && victim.isAlive()) {
            Thread.sleep(0, 100_000);
        }
        Thread.sleep(0, new Random(seed).nextInt(1_000_000));
        victim.destroyForcibly().waitFor();
        long before = hub.sent.getAndSet(0);
        hub.pauseNanos = 0;
        assertFetched(fetch());
        // lost is at most what the connections had under way
        long lost = before + hub.sent.get() - ALL;
        assertThat(lost).as("seed %d", seed).isBetween(0L, SMALL.connections() * SMALL.segmentBytes());
    }

    @Test
    void anUndisturbedProcessCompletes() throws Exception {
        Process victim = victim();
        assertThat(victim.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(victim.exitValue()).isZero();
        assertFetched(repository().resolve("snapshots").resolve(LocalHub.COMMIT));
    }

    private Process victim() throws IOException {
        Path log = Files.createTempFile(folder, "victim", ".log");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        environment.get("HF_HOME"),
                        environment.get("HF_ENDPOINT"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
