package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.ClosedException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a {@link Lotus}, while others use it. */
class ClosingTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    Path folder;

    private static String refusal(Lotus lotus) {
        try {
            lotus.predictionBytes(16, 16, NATIVE);
            return "";
        } catch (LotusException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    @Fault(
            value = "a Lotus is closed while it predicts, and asked afterwards",
            by = "closing it from another thread, which is interrupted",
            then = "it waits for what runs; whoever comes then is refused by a LotusException")
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closingWaitsForPredictionsAndIsIdempotent() throws Exception {
        Path depth = SyntheticCheckpoint.write(folder.resolve("lotus-depth"), Architecture.TINY, Mode.D, 1, DType.F32);
        Lotus closing = Lotus.load(depth);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PredictionOptions options = NATIVE.withProgress(progress -> {
            running.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (ExecutorService others = Executors.newFixedThreadPool(3)) {
            Future<DepthMap> prediction = others.submit(() -> closing.predictDepth(NoiseImage.of(16, 16, 13), options));
            running.await();
            Thread[] closer = new Thread[1];
            Future<Boolean> closed = others.submit(() -> {
                closer[0] = Thread.currentThread();
                closing.close();
                return Thread.interrupted();
            });
            while (refusal(closing).isEmpty()) { // it has begun to close: whoever comes now does not wait for its end
                Thread.onSpinWait();
            }
            assertThat(refusal(closing)).contains("closed");
            closer[0].interrupt();
            Future<?> again = others.submit(closing::close);
            assertThatThrownBy(() -> closed.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> again.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(prediction.isDone()).isFalse();
            goOn.countDown();
            assertThat(prediction.get().width()).isEqualTo(16);
            assertThat(closed.get()).as("still interrupted").isTrue();
        }
        closing.close();
        assertThatThrownBy(() -> closing.predictDepth(NoiseImage.of(16, 16, 13)))
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> closing.predictionBytes(16, 16, NATIVE)).hasMessageContaining("closed");
    }
}
