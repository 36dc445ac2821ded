package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.ops.WatchedBackend;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames one after another, on synthetic checkpoints. */
class FrameSequenceTest {
    private static final PredictionOptions NATIVE =
            PredictionOptions.DEFAULT.withProcessingResolution(0).withSeed(3);

    /** Noise does not look like a cut. */
    private static final TemporalSmoothing HALF = TemporalSmoothing.DEFAULT;

    @TempDir
    static Path folder;

    private static Path depth;
    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        depth = SyntheticCheckpoint.write(folder.resolve("lotus-depth-g"), Architecture.TINY, Mode.G, 1, DType.F32);
        Path normal =
                SyntheticCheckpoint.write(folder.resolve("lotus-normal-d"), Architecture.TINY, Mode.D, 2, DType.F32);
        Path vae = normal.resolve("vae/diffusion_pytorch_model.safetensors");
        Files.write(vae, Files.readAllBytes(depth.resolve("vae/diffusion_pytorch_model.safetensors")));
        lotus = Lotus.builder().depth(depth).normal(normal).threads(2).build();
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    private static RgbImage frame(int number) {
        return NoiseImage.of(80, 64, number);
    }

    private static List<float[]> depths(FrameSequence<DepthMap> sequence, int count) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(sequence.next(frame(i)).toArray());
        }
        return values;
    }

    @Test
    void withoutSmoothingFramesAreWhatTheyAreAlone() {
        FrameSequence<DepthMap> depths = lotus.depthSequence(NATIVE, TemporalSmoothing.NONE);
        FrameSequence<NormalMap> normals = lotus.normalSequence(NATIVE, TemporalSmoothing.NONE);
        FrameSequence<Geometry> both = lotus.geometrySequence(NATIVE, HALF.withWeight(1));
        for (int i = 0; i < 3; i++) {
            float[] alone = lotus.predictDepth(frame(i), NATIVE).toArray();
            float[] facing = lotus.predictNormal(frame(i), NATIVE).toArray();
            DepthMap found = depths.next(frame(i));
            assertThat(found.toArray()).isEqualTo(alone);
            assertThat(found.provenance().orElseThrow().frameWeight()).isEmpty();
            assertThat(normals.next(frame(i)).toArray()).isEqualTo(facing);
            Geometry geometry = both.next(frame(i));
            assertThat(geometry.depth().toArray()).isEqualTo(alone);
            assertThat(geometry.normals().toArray()).isEqualTo(facing);
        }
        assertThat(depths.frames()).isEqualTo(3);
        assertThat(depths.cuts()).isZero();
    }

    @Test
    void theFirstIsItselfAndLaterOnesAreBetween() {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(NATIVE, HALF);
        float[] zero = lotus.predictDepth(frame(0), NATIVE).toArray();
        float[] one = lotus.predictDepth(frame(1), NATIVE).toArray();
        assertThat(sequence.next(frame(0)).toArray()).isEqualTo(zero);
        DepthMap second = sequence.next(frame(1));
        assertThat(second.provenance().orElseThrow().frameWeight()).hasValue(0.5);
        assertThat(second.toArray()).isNotEqualTo(one);
        assertThat(distance(second.toArray(), one)).isLessThan(distance(zero, one));
        // so little of its own that it is the first
        FrameSequence<DepthMap> slow = lotus.depthSequence(NATIVE, HALF.withWeight(1e-7));
        slow.next(frame(0));
        assertThat(distance(slow.next(frame(1)).toArray(), zero)).isLessThan(1e-4);
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.abs((double) one[i] - other[i]);
        }
        return sum / one.length;
    }

    @Test
    void geometryIsSmoothedAsItsTwoAre() {
        FrameSequence<Geometry> both = lotus.geometrySequence(NATIVE, HALF);
        FrameSequence<DepthMap> depths = lotus.depthSequence(NATIVE, HALF);
        FrameSequence<NormalMap> normals = lotus.normalSequence(NATIVE, HALF);
        for (int i = 0; i < 3; i++) {
            Geometry geometry = both.next(frame(i));
            assertThat(geometry.depth().toArray())
                    .isEqualTo(depths.next(frame(i)).toArray());
            assertThat(geometry.normals().toArray())
                    .isEqualTo(normals.next(frame(i)).toArray());
        }
    }

    /** Half black, half white, then the other way round. */
    private static RgbImage halves(boolean left) {
        byte[] rgb = new byte[3 * 80 * 64];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 3 % 80 < 40) == left ? 255 : 0);
        }
        return RgbImage.of(80, 64, rgb);
    }

    @Test
    void aCutBeginsAnewUnlessThatIsSwitchedOff() {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(NATIVE, HALF);
        sequence.next(halves(true));
        sequence.next(halves(true));
        assertThat(sequence.cuts()).isZero();
        float[] alone = lotus.predictDepth(halves(false), NATIVE).toArray();
        assertThat(sequence.next(halves(false)).toArray()).isEqualTo(alone);
        assertThat(sequence.cuts()).isEqualTo(1);
        FrameSequence<DepthMap> blind = lotus.depthSequence(NATIVE, HALF.withCut(1));
        blind.next(halves(true));
        assertThat(blind.next(halves(false)).toArray()).isNotEqualTo(alone);
        assertThat(blind.cuts()).isZero();
        FrameSequence<DepthMap> single = lotus.depthSequence(NATIVE, HALF.withWeight(1));
        single.next(halves(true));
        single.next(halves(false));
        assertThat(single.cuts()).isZero(); // there is no average to begin anew
    }

    @Test
    void cellsOfTinyImagesAreSharedAndDifferencesAreShares() {
        RgbImage black = RgbImage.of(3, 1, new byte[9]);
        byte[] one = {-1, -1, -1, 0, 0, 0, 0, 0, 0};
        FrameCells cells = FrameCells.of(black);
        assertThat(cells.distance(FrameCells.of(RgbImage.of(3, 1, one)))).isEqualTo(3.0 / 8);
        assertThat(cells.distance(FrameCells.of(black))).isZero();
        assertThat(FrameCells.of(halves(true)).distance(FrameCells.of(halves(false))))
                .isEqualTo(1);
        assertThat(FrameCells.of(frame(1)).distance(FrameCells.of(frame(2)))).isLessThan(0.05);
    }

    @Test
    void cellsEndWhereTheImageDoes() {
        assertThat(FrameCells.edge(8, 715_827_882)).isEqualTo(715_827_882); // the most that an array holds
        assertThat(FrameCells.edge(3, 11)).isEqualTo(4);
    }

    @Test
    void framesOfAnotherSizeAreRefusedAndCountForNothing() {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(NATIVE, HALF);
        sequence.next(frame(0));
        assertThatThrownBy(() -> sequence.next(NoiseImage.of(64, 80, 1)))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("frame 2", "64×80", "80×64");
        assertThat(sequence.next(frame(1)).toArray())
                .isEqualTo(depths(lotus.depthSequence(NATIVE, HALF), 2).getLast());
        assertThat(sequence.frames()).isEqualTo(2);
    }

    /** At whatever moment, also after the average was made, and on a cut. */
    @Test
    @Fault(
            value = "a frame of a video is cancelled",
            by = "at moments throughout",
            then = "a CancellationException; later frames are as if it had not been")
    void aFrameThatIsCancelledIsAsIfItHadNotBeen() {
        List<float[]> expected = depths(lotus.depthSequence(NATIVE, HALF), 3);
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger end = new AtomicInteger(Integer.MAX_VALUE);
        PredictionOptions options = NATIVE.withCancellation(() -> asked.incrementAndGet() >= end.get());
        lotus.depthSequence(options, HALF).next(frame(0));
        int all = asked.get();
        for (int at = 1; at <= all; at += Math.max(all / 12, 1)) {
            end.set(Integer.MAX_VALUE);
            FrameSequence<DepthMap> sequence = lotus.depthSequence(options, HALF);
            sequence.next(frame(0));
            sequence.next(frame(1));
            for (RgbImage cancelled : List.of(frame(7), halves(true))) {
                asked.set(0);
                end.set(at);
                assertThatThrownBy(() -> sequence.next(cancelled)).isInstanceOf(CancellationException.class);
                end.set(Integer.MAX_VALUE);
            }
            assertThat(sequence.next(frame(2)).toArray())
                    .as("cancelled at question %d of %d", at, all)
                    .isEqualTo(expected.getLast());
        }
    }

    @Test
    void callsOfSeveralThreadsTakeTurns() throws Exception {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(NATIVE, HALF);
        sequence.next(frame(0));
        List<float[]> expected = new ArrayList<>(); // of the same frame again and again, ever nearer to it
        FrameSequence<DepthMap> alone = lotus.depthSequence(NATIVE, HALF);
        alone.next(frame(0));
        try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
            List<Future<float[]>> together = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                expected.add(alone.next(frame(1)).toArray());
                together.add(callers.submit(() -> sequence.next(frame(1)).toArray()));
            }
            List<float[]> found = new ArrayList<>();
            for (Future<float[]> each : together) {
                found.add(each.get());
            }
            assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(sequence.frames()).isEqualTo(5);
    }

    @Test
    void wrongCallsAreRefused() throws IOException {
        List<FrameSequence<DepthMap>> sequences = new ArrayList<>();
        PredictionOptions nested = NATIVE.withProgress(_ -> sequences.forEach(
                each -> assertThatThrownBy(() -> each.next(frame(1))).hasMessageContaining("progress listener")));
        sequences.add(lotus.depthSequence(nested, HALF));
        sequences.getFirst().next(frame(0));
        assertThat(sequences.getFirst().frames()).isEqualTo(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> sequences.getFirst().next(frame(1))).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        Lotus one = Lotus.builder().depth(depth).build();
        FrameSequence<DepthMap> open = one.depthSequence(NATIVE, HALF);
        assertThatThrownBy(() -> one.normalSequence(NATIVE, HALF)).hasMessageContaining("no normal checkpoint");
        assertThatThrownBy(() -> one.geometrySequence(NATIVE, HALF)).hasMessageContaining("no normal checkpoint");
        one.close();
        assertThatThrownBy(() -> open.next(frame(0))).hasMessageContaining("closed");
        assertThatThrownBy(() -> lotus.normalSequence(NATIVE.withSteps(2), HALF))
                .hasMessageContainingAll("steps", "Lotus-D");
        for (double weight : new double[] {0, -1, 1.01, Double.NaN}) {
            assertThatThrownBy(() -> HALF.withWeight(weight))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll("frame weight", "" + weight);
        }
        for (double cut : new double[] {-0.1, 1.01, Double.NaN}) {
            assertThatThrownBy(() -> HALF.withCut(cut)).hasMessageContainingAll("cut", "" + cut, "0 to 1");
        }
    }

    @Test
    void memoryOfWhatIsKeptIsPlanned() {
        WatchedBackend.OPENED.clear();
        try (Lotus watched =
                Lotus.builder().backend(WatchedBackend.NAME).depth(depth).build()) {
            WatchedBackend backend = WatchedBackend.OPENED.getFirst();
            FrameSequence<DepthMap> sequence = watched.depthSequence(NATIVE.withEnsemble(3), HALF);
            FrameSequence<DepthMap> plain = watched.depthSequence(NATIVE.withEnsemble(3), TemporalSmoothing.NONE);
            long bytes = sequence.predictionBytes(80, 64);
            long latents = 2L * 3 * 4 * (80 / 8) * (64 / 8) * Float.BYTES; // before and after, of three members
            assertThat(bytes - plain.predictionBytes(80, 64)).isGreaterThanOrEqualTo(latents);
            assertThat(plain.predictionBytes(80, 64))
                    .isEqualTo(watched.predictionBytes(80, 64, NATIVE.withEnsemble(3)));
            backend.available = bytes;
            sequence.next(frame(0));
            sequence.next(frame(1));
            backend.available = bytes - 1;
            assertThatThrownBy(() -> sequence.next(frame(2))).isInstanceOf(InsufficientMemoryException.class);
        }
    }
}
