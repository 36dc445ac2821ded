package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NoiseImage;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.TemporalSmoothing;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is taken from a device is given back, whatever happens. */
class CudaBackendTest extends SimulatedPredictions {
    @Test
    void recordedPredictionsAreTheSame() {
        try (Lotus lotus = open("cuda")) {
            long launches = SimulatedDevice.graphLaunches();
            float[] small = values(lotus.predictDepth(image(24, 16), NATIVE));
            float[] large = values(lotus.predictDepth(image(40, 32), NATIVE));
            for (int i = 0; i < 3; i++) {
                assertThat(values(lotus.predictDepth(image(24, 16), NATIVE))).isEqualTo(small);
                assertThat(values(lotus.predictDepth(image(40, 32), NATIVE))).isEqualTo(large);
                assertThat(values(lotus.predictDepth(image(24, 16), NATIVE.withSeed(3))))
                        .isNotEqualTo(small);
            }
            // all but the first of each size, and one more: larger memory begins anew
            assertThat(SimulatedDevice.graphLaunches() - launches).isEqualTo(8);
        }
    }

    /** The image is encoded once, and members differ, though all but the first are replayed. */
    @Test
    void membersOfAnEnsembleAreReplayedWithNoiseOfTheirOwn() {
        PredictionOptions five = NATIVE.withEnsemble(5);
        try (Lotus lotus = open("cuda")) {
            long launches = SimulatedDevice.graphLaunches();
            DepthMap first = lotus.predictDepth(image(24, 16), five);
            assertThat(SimulatedDevice.graphLaunches() - launches).isEqualTo(5 - 1);
            DepthMap again = lotus.predictDepth(image(24, 16), five);
            assertThat(SimulatedDevice.graphLaunches() - launches).isEqualTo(5 - 1 + 1 + 5);
            assertThat(values(again)).isEqualTo(values(first));
            float[] spread = first.spread().orElseThrow().toArray();
            assertThat(again.spread().orElseThrow().toArray()).isEqualTo(spread);
            double mean = 0;
            for (float each : spread) {
                mean += each / spread.length;
            }
            assertThat(mean).isGreaterThan(1e-3);
        }
    }

    /** Encoding, denoising and decoding are recorded apart, since latents are averaged between. */
    @Test
    void framesOfASequenceAreReplayed() {
        try (Lotus lotus = open("cuda")) {
            FrameSequence<DepthMap> frames = lotus.depthSequence(NATIVE, TemporalSmoothing.DEFAULT.withCut(1));
            long launches = SimulatedDevice.graphLaunches();
            for (int seed = 0; seed < 5; seed++) {
                frames.next(NoiseImage.of(24, 16, seed));
            }
            assertThat(SimulatedDevice.graphLaunches() - launches).isEqualTo(3 * (5 - 1));
        }
    }

    @Test
    void unusualPredictionsAreNotRecorded() {
        try (Lotus lotus = open("cuda:f32")) {
            long launches = SimulatedDevice.graphLaunches();
            PredictionOptions steps = NATIVE.withSteps(2);
            float[] first = values(lotus.predictDepth(image(24, 16), steps));
            assertThat(values(lotus.predictDepth(image(24, 16), steps))).isEqualTo(first);
            assertThat(values(lotus.predictDepth(image(24, 16), steps))).isEqualTo(first);
            assertThat(SimulatedDevice.graphLaunches()).isEqualTo(launches);
        }
    }

    @Test
    void memoryIsWhatWasPlanned() {
        try (Lotus lotus = open("cuda")) {
            lotus.predictDepth(image(16, 16), NATIVE); // descriptors, and a lane
            long before = SimulatedDevice.used();
            SimulatedDevice.forgetLargestUse();
            lotus.predictDepth(image(48, 40), NATIVE);
            long taken = SimulatedDevice.largestUse() - before;
            long planned = lotus.predictionBytes(48, 40, NATIVE);
            assertThat(taken).isPositive().isLessThanOrEqualTo(planned);
            long pixels = 4L * 48 * 40 * (4 * 3 + 2); // on the host
            assertThat(taken).isGreaterThan(planned - pixels - lotus.predictionBytes(16, 16, NATIVE));
        }
    }

    @Test
    @Fault(
            value = "the device's memory is used up while loading",
            by = "a simulated device with little of it",
            then = "an InsufficientMemoryException with the figures")
    void outOfMemoryWhileLoadingSaysHowMuchWasNeeded() {
        SimulatedDevice.limit(8 << 20);
        assertThatThrownBy(() -> open("cuda"))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContainingAll("needs", "MB", "simulated device");
    }

    @Test
    @Fault(
            value = "the device's memory is used up when a prediction begins",
            by = "a simulated device with little of it",
            then = "an InsufficientMemoryException; smaller images are predicted as before")
    void outOfMemoryBeforePredictingLeavesTheBackendUsable() {
        try (Lotus lotus = open("cuda")) {
            float[] before = values(lotus.predictDepth(image(16, 16), NATIVE));
            SimulatedDevice.limit(SimulatedDevice.used() + (1 << 20));
            assertThatThrownBy(() -> lotus.predictDepth(image(256, 256), NATIVE))
                    .isInstanceOf(InsufficientMemoryException.class)
                    .hasMessageContainingAll("256×256", "needs", "smaller processing resolution")
                    .message()
                    .doesNotContain("Xmx"); // of which the device has nothing
            assertThat(values(lotus.predictDepth(image(16, 16), NATIVE))).isEqualTo(before);
        }
    }

    @Test
    @Fault(
            value = "a kernel cannot be launched",
            by = "a simulated device that fails",
            then = "an error that names it; the backend is closed, others go on")
    void failingLaunchClosesTheBackendAndNothingElse() {
        for (int launches : new int[] {0, 5, 50}) {
            try (Lotus lotus = open("cuda")) {
                SimulatedDevice.failLaunchAfter(launches);
                assertThatThrownBy(() -> lotus.predictDepth(image(16, 16), NATIVE))
                        .isInstanceOf(CudaException.class)
                        .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
                assertThatThrownBy(() -> lotus.predictDepth(image(16, 16), NATIVE))
                        .isInstanceOf(CudaException.class)
                        .hasMessageContainingAll("closed", "CUDA_ERROR_LAUNCH_FAILED");
            }
            try (Lotus lotus = open("cuda")) {
                assertThat(lotus.predictDepth(image(16, 16), NATIVE).width()).isEqualTo(16);
            }
        }
    }

    @Test
    void tilesAreReplayedAndEqualTheFirstOnes() {
        PredictionOptions tiled = NATIVE.withVaeTile(32);
        try (Lotus lotus = open("cuda")) {
            float[] whole = values(lotus.predictDepth(image(72, 40), NATIVE));
            long before = SimulatedDevice.graphLaunches();
            float[] first = values(lotus.predictDepth(image(72, 40), tiled)); // 3 × 2 tiles, one recording for all
            long launches = SimulatedDevice.graphLaunches();
            assertThat(first).isNotEqualTo(whole);
            assertThat(launches).isEqualTo(before + 2 * (6 - 1));
            assertThat(values(lotus.predictDepth(image(72, 40), tiled))).isEqualTo(first);
            assertThat(SimulatedDevice.graphLaunches()).isEqualTo(launches + 6 + 1 + 6);
            for (int i = 0; i < 2; i++) { // recorded, and replayed
                assertThat(values(lotus.predictDepth(image(72, 40), NATIVE))).isEqualTo(whole);
            }
        }
    }

    @Test
    void failingLaunchInARecordingClosesTheBackend() {
        try (Lotus lotus = open("cuda")) {
            for (int i = 0; i < 3; i++) {
                lotus.predictDepth(image(16, 16), NATIVE);
            }
            SimulatedDevice.failLaunchAfter(20);
            assertThatThrownBy(() -> lotus.predictDepth(image(16, 16), NATIVE))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
        }
    }

    @Test
    void cancellingIsHeardInAFirstRunAndBeforeAReplay() {
        try (Lotus lotus = open("cuda")) {
            int[] asked = new int[1];
            PredictionOptions cancelled = NATIVE.withCancellation(() -> ++asked[0] > 100);
            assertThatThrownBy(() -> lotus.predictDepth(image(16, 16), cancelled))
                    .isInstanceOf(CancellationException.class);
            float[] before = values(lotus.predictDepth(image(16, 16), NATIVE));
            assertThat(values(lotus.predictDepth(image(16, 16), NATIVE))).isEqualTo(before);
            assertThatThrownBy(() -> lotus.predictDepth(image(16, 16), NATIVE.withCancellation(() -> true)))
                    .isInstanceOf(CancellationException.class);
            assertThat(values(lotus.predictDepth(image(16, 16), NATIVE))).isEqualTo(before);
        }
    }

    /** What users do while they are told of progress must not end up in a recording. */
    @Test
    void listenersMayPredictThemselves() {
        try (Lotus lotus = open("cuda");
                Lotus other = open("cuda")) {
            float[] expected = values(other.predictDepth(image(24, 16), NATIVE));
            int[] told = new int[1];
            PredictionOptions nosy = NATIVE.withProgress(progress -> {
                if (told[0]++ % 50 == 0) {
                    assertThat(values(other.predictDepth(image(24, 16), NATIVE)))
                            .isEqualTo(expected);
                }
            });
            for (int i = 0; i < 3; i++) {
                assertThat(values(lotus.predictDepth(image(24, 16), nosy))).isEqualTo(expected);
            }
            assertThat(told[0]).isPositive();
        }
    }

    @Test
    void convolutionsThatCudnnDoesNotFuseAreTheSame() {
        try (Lotus lotus = open("cuda:f32")) {
            float[] fused = values(lotus.predictDepth(image(24, 16), NATIVE));
            SimulatedDevice.refuseFused(true);
            try (Lotus plain = open("cuda:f32")) {
                for (int i = 0; i < 3; i++) {
                    assertThat(values(plain.predictDepth(image(24, 16), NATIVE)))
                            .containsExactly(fused, within(1e-5f));
                }
            } finally {
                SimulatedDevice.refuseFused(false);
            }
        }
    }

    @Test
    void severalThreadsAndDevicesComputeTheSame() throws Exception {
        try (Lotus first = open("cuda");
                Lotus second = open("cuda:1");
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            float[] expected = values(first.predictDepth(image(24, 16), NATIVE));
            Callable<float[]> onFirst = () -> values(first.predictDepth(image(24, 16), NATIVE));
            Callable<float[]> onSecond = () -> values(second.predictDepth(image(24, 16), NATIVE));
            for (Future<float[]> each :
                    threads.invokeAll(List.of(onFirst, onSecond, onFirst, onSecond, onFirst, onSecond))) {
                assertThat(each.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void optionsThatDoNotFitAreNamed() {
        assertThatThrownBy(() -> open("cuda:2")).hasMessageContainingAll("backend cuda", "device 2", "has 2");
        assertThatThrownBy(() -> open("cuda:half")).hasMessageContainingAll("half", "f16, bf16 or f32");
        assertThatThrownBy(() -> open("cpu:1"))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("cpu");
        assertThatThrownBy(() -> open("auto:1"))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("auto");
        assertThatThrownBy(() -> Lotus.builder()
                        .depth(checkpoint())
                        .exact(true)
                        .backend("cuda:bf16")
                        .build())
                .hasMessageContainingAll("exact", "bf16");
    }

    @Test
    void recordingsOfMoreSizesThanAreKeptAreMadeAnew() {
        List<RgbImage> images = List.of(
                image(40, 32),
                image(32, 32),
                image(24, 16),
                image(16, 24),
                image(16, 16),
                image(32, 16),
                image(24, 24),
                image(16, 32));
        try (Lotus lotus = open("cuda")) {
            List<float[]> first = images.stream()
                    .map(each -> values(lotus.predictDepth(each, NATIVE)))
                    .toList();
            long launches = SimulatedDevice.graphLaunches();
            for (int i = 0; i < images.size(); i++) {
                assertThat(values(lotus.predictDepth(images.get(i), NATIVE))).isEqualTo(first.get(i));
            }
            assertThat(SimulatedDevice.graphLaunches()).isEqualTo(launches); // by then, each had been forgotten
            for (int i = 0; i < 2; i++) {
                assertThat(values(lotus.predictDepth(images.getLast(), NATIVE))).isEqualTo(first.getLast());
            }
            assertThat(SimulatedDevice.graphLaunches()).isEqualTo(launches + 2);
        }
    }

    @Test
    void attentionOfSomeQueriesAtATimeIsTheSame() {
        Shape shape = new Shape(1, 20, 15, 256);
        float[] values = new float[Math.toIntExact(shape.elements())];
        Random random = new Random(3);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        try (Backend backend = SimulatedDevice.open(Precision.F16);
                Ops ops = backend.open(RunListener.NONE);
                Frame frame = ops.frame()) {
            Tensor in = frame.tensor(shape);
            Tensor whole = frame.tensor(shape);
            DeviceTensor parts = DeviceTensor.of(frame.tensor(shape));
            ops.upload(in, values);
            ops.attention(whole, in, in, in, 1, false);
            DeviceTensor of = DeviceTensor.of(in);
            long bytes = 128L * 300 * (Float.BYTES + Short.BYTES); // of three parts, the last of which is smaller
            new Attention((CudaOps) ops, parts, of, of, of, 1).byProducts(parts, bytes);
            assertThat(ops.download(parts)).isEqualTo(ops.download(whole));
        }
    }
}
