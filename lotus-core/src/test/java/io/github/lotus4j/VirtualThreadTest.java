package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Predictions that virtual threads ask for, as web servers do. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // what waits for itself would wait forever
class VirtualThreadTest {
    private static final RgbImage IMAGE = NoiseImage.of(40, 32, 1);
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    static Path folder;

    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        Path depth = SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F32);
        lotus = Lotus.builder().depth(depth).threads(2).build();
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    private static <T> T onVirtualThread(Callable<T> work) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return threads.submit(work).get();
        }
    }

    /** On those that carry virtual threads, nobody else would have a turn. */
    @Test
    void computingIsLeftToPlatformThreads() throws Exception {
        Set<Boolean> virtual = ConcurrentHashMap.newKeySet();
        PredictionOptions told =
                NATIVE.withProgress(_ -> virtual.add(Thread.currentThread().isVirtual()));
        float[] expected = lotus.predictDepth(IMAGE, NATIVE).toArray();
        assertThat(onVirtualThread(() -> lotus.predictDepth(IMAGE, told).toArray()))
                .isEqualTo(expected);
        FrameSequence<DepthMap> frames = lotus.depthSequence(told, TemporalSmoothing.DEFAULT);
        assertThat(onVirtualThread(() -> frames.next(IMAGE).toArray())).isEqualTo(expected);
        assertThat(virtual).containsExactly(false);
    }

    @Test
    void errorsArriveAsTheyAre() {
        assertThatThrownBy(() -> onVirtualThread(() -> lotus.predictNormal(IMAGE)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no normal checkpoint is loaded");
        AssertionError error = new AssertionError("a listener's");
        PredictionOptions failing = NATIVE.withProgress(_ -> {
            throw error;
        });
        assertThatThrownBy(() -> onVirtualThread(() -> lotus.predictDepth(IMAGE, failing)))
                .cause()
                .isSameAs(error);
    }

    @Test
    @Fault(
            value = "a virtual thread that waits for its prediction is interrupted",
            by = "interrupting it",
            then = "a CancellationException; it stays interrupted")
    void interruptionCancelsAndIsKept() throws Exception {
        List<Thread> caller = new ArrayList<>();
        PredictionOptions interrupting =
                NATIVE.withProgress(_ -> caller.getFirst().interrupt());
        Callable<Boolean> cancelled = () -> {
            caller.add(Thread.currentThread());
            assertThatThrownBy(() -> lotus.predictDepth(IMAGE, interrupting)).isInstanceOf(CancellationException.class);
            return Thread.currentThread().isInterrupted();
        };
        assertThat(onVirtualThread(cancelled)).isTrue();
    }

    @Test
    void checkedExceptionsThatNobodyDeclaredArriveToo() {
        IOException sneaky = new IOException("a listener's, of another language");
        PredictionOptions failing = NATIVE.withProgress(_ -> VirtualThreadTest.<RuntimeException>sneak(sneaky));
        assertThatThrownBy(() -> onVirtualThread(() -> lotus.predictDepth(IMAGE, failing)))
                .cause()
                .isSameAs(sneaky);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** In the order of the calls, and those that wait take no platform thread. */
    @Test
    void framesComeInTheOrderOfTheirCalls() throws Exception {
        int count = 24;
        FrameSequence<DepthMap> alone = lotus.depthSequence(NATIVE, TemporalSmoothing.DEFAULT);
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expected.add(alone.next(NoiseImage.of(40, 32, i)).toArray());
        }
        AtomicInteger most = new AtomicInteger();
        PredictionOptions counting = NATIVE.withProgress(_ -> most.accumulateAndGet(predictingThreads(), Math::max));
        FrameSequence<DepthMap> sequence = lotus.depthSequence(counting, TemporalSmoothing.DEFAULT);
        List<Future<float[]>> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                RgbImage frame = NoiseImage.of(40, 32, i);
                Thread[] caller = new Thread[1];
                CountDownLatch begun = new CountDownLatch(1);
                found.add(threads.submit(() -> {
                    caller[0] = Thread.currentThread();
                    begun.countDown();
                    return sequence.next(frame).toArray();
                }));
                begun.await();
                Future<float[]> mine = found.getLast();
                while (caller[0].getState() != Thread.State.WAITING && !mine.isDone()) { // for its turn or its result
                    Thread.onSpinWait();
                }
            }
            for (int i = 0; i < count; i++) {
                assertThat(found.get(i).get()).as("frame %d", i).isEqualTo(expected.get(i));
            }
        }
        assertThat(most.get()).as("with those that are about to end").isLessThan(count / 4);
    }

    private static int predictingThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("lotus-prediction"))
                .count();
    }

    @Test
    void listenersThatWouldWaitForTheirOwnPredictionAreTold() throws Exception {
        PredictionOptions closing = NATIVE.withProgress(_ -> lotus.close());
        List<FrameSequence<DepthMap>> sequences = new ArrayList<>();
        PredictionOptions nested = NATIVE.withProgress(_ -> sequences.getFirst().next(IMAGE));
        sequences.add(lotus.depthSequence(nested, TemporalSmoothing.DEFAULT));
        Future<DepthMap> closed;
        Future<DepthMap> again;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            closed = threads.submit(() -> lotus.predictDepth(IMAGE, closing));
            again = threads.submit(() -> sequences.getFirst().next(IMAGE));
        }
        assertThat(closed.exceptionNow()).hasMessageContaining("progress listener");
        assertThat(again.exceptionNow()).hasMessageContaining("progress listener");
    }
}
