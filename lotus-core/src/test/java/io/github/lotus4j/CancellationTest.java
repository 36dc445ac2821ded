package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions that end before they are done. */
class CancellationTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    static Path folder;

    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        Path depth = SyntheticCheckpoint.write(
                folder.resolve("lotus-depth-d-test"), Architecture.TINY, Mode.D, 1, DType.F32);
        lotus = Lotus.builder().depth(depth).threads(2).build();
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    @Test
    void cancelledPredictionEndsAndLeavesEverythingUsable() {
        RgbImage image = NoiseImage.of(64, 64, 8);
        float[] expected = lotus.predictDepth(image, NATIVE).toArray();
        AtomicInteger blocks = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        PredictionOptions options =
                NATIVE.withCancellation(stop::get).withProgress(progress -> stop.set(blocks.incrementAndGet() == 5));
        assertThatThrownBy(() -> lotus.predictDepth(image, options)).isInstanceOf(CancellationException.class);
        assertThat(blocks.get()).isEqualTo(5);
        assertThat(lotus.predictDepth(image, NATIVE).toArray()).isEqualTo(expected);
    }

    /** From the first question, while the image is resized, to the last, while the result is. */
    @Test
    @Fault(
            value = "a prediction is cancelled",
            by = "at moments throughout",
            then = "a CancellationException; the next prediction is as before")
    void predictionEndsWheneverItIsCancelled() {
        RgbImage image = NoiseImage.of(300, 200, 12);
        PredictionOptions small = NATIVE.withProcessingResolution(48);
        AtomicInteger asked = new AtomicInteger();
        List<Integer> askedBefore = new ArrayList<>(); // each block
        PredictionOptions counting = small.withProgress(progress -> askedBefore.add(asked.get()))
                .withCancellation(() -> {
                    asked.incrementAndGet();
                    return false;
                });
        float[] expected = lotus.predictDepth(image, counting).toArray();
        int all = asked.get();
        assertThat(askedBefore.getFirst()).as("while the image is resized").isGreaterThan(3);
        assertThat(all - askedBefore.getLast())
                .as("while the result is resized")
                .isGreaterThan(1);
        for (int at = 1; at <= all; at += at < 20 || at > all - 20 ? 1 : Math.max(all / 40, 1)) {
            int end = at;
            asked.set(0);
            AtomicInteger toldAfter = new AtomicInteger();
            PredictionOptions options = small.withCancellation(() -> asked.incrementAndGet() >= end)
                    .withProgress(progress -> {
                        if (asked.get() >= end) {
                            toldAfter.incrementAndGet();
                        }
                    });
            assertThatThrownBy(() -> lotus.predictDepth(image, options))
                    .as("cancelled at question %d of %d", end, all)
                    .isInstanceOf(CancellationException.class);
            assertThat(asked.get()).isBetween(end, end + 2); // each thread ends at the next that it asks
            assertThat(toldAfter).hasValue(0);
        }
        assertThat(lotus.predictDepth(image, small).toArray()).isEqualTo(expected);
    }

    @Test
    @Fault(
            value = "the caller is interrupted",
            by = "interrupting its thread",
            then = "a CancellationException; the thread stays interrupted")
    void interruptedCallerIsCancelledAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> lotus.predictDepth(NoiseImage.of(32, 32, 9), NATIVE))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
