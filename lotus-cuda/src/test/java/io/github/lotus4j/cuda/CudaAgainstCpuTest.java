package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DamagedCheckpoint;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NoiseImage;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.TemporalSmoothing;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions that hand something on from one run to the next, of which the reference has none: both backends give the same. */
class CudaAgainstCpuTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    private static Path folder;

    private static Lotus cuda;
    private static Lotus cpu;

    @BeforeAll
    static void load() throws Exception {
        Path checkpoint = SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 1, DType.F16);
        SimulatedDevice.open(Precision.F32).close(); // chooses the libraries
        cuda = Lotus.builder().depth(checkpoint).backend("cuda:f32").build();
        cpu = Lotus.builder().depth(checkpoint).backend("cpu").build();
    }

    @AfterAll
    static void close() {
        cuda.close();
        cpu.close();
    }

    @Test
    void framesOfASequenceAreAveraged() {
        TemporalSmoothing smoothing = TemporalSmoothing.DEFAULT.withCut(1);
        FrameSequence<DepthMap> found = cuda.depthSequence(NATIVE, smoothing);
        FrameSequence<DepthMap> expected = cpu.depthSequence(NATIVE, smoothing);
        for (int seed = 0; seed < 4; seed++) { // replayed from the third on
            RgbImage frame = NoiseImage.of(24, 16, seed);
            float[] values = found.next(frame).toArray();
            assertThat(values).containsExactly(expected.next(frame).toArray(), within(1e-3f));
            if (seed == 1) {
                float[] alone = cuda.predictDepth(frame, NATIVE).toArray();
                assertThat(values).isNotEqualTo(alone);
            }
        }
    }

    @Test
    void membersOfAnEnsembleAgreeAndDiffer() {
        RgbImage image = NoiseImage.of(24, 16, 7);
        PredictionOptions three = NATIVE.withEnsemble(3);
        DepthMap expected = cpu.predictDepth(image, three);
        for (int i = 0; i < 2; i++) {
            DepthMap found = cuda.predictDepth(image, three);
            assertThat(found.toArray()).containsExactly(expected.toArray(), within(1e-3f));
            assertThat(found.spread().orElseThrow().toArray())
                    .containsExactly(expected.spread().orElseThrow().toArray(), within(1e-3f));
        }
    }

    @Test
    void tilesAreBlended() {
        RgbImage image = NoiseImage.of(40, 24, 8);
        PredictionOptions tiled = NATIVE.withVaeTile(32);
        float[] expected = cpu.predictDepth(image, tiled).toArray();
        for (int i = 0; i < 2; i++) {
            assertThat(cuda.predictDepth(image, tiled).toArray()).containsExactly(expected, within(1e-3f));
        }
    }

    /** One channel is far off from the start: half precision holds 1e4, and nothing beyond 65504. */
    @Test
    @Fault(
            value = "activations are larger than half precision holds",
            by = "a bias of 200,000 in the UNet's first convolution, on a simulated device",
            then =
                    "in f16, a LotusException that names it; f32 and bf16, and f16 with 10,000, give numbers, f32 the CPU's")
    void activationsBeyondHalfPrecision(@TempDir Path other) throws Exception {
        RgbImage image = NoiseImage.of(24, 16, 3);
        Path large = DamagedCheckpoint.write(other.resolve("large"), "unet", "conv_in.bias", 1e4f);
        Path larger = DamagedCheckpoint.write(other.resolve("larger"), "unet", "conv_in.bias", 2e5f);
        assertThat(depth(large, "cuda:f16", image)).doesNotContain(Float.NaN);
        assertThatThrownBy(() -> depth(larger, "cuda:f16", image))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("NaN or infinite", "unet.conv_in");
        assertThat(depth(larger, "cuda:bf16", image)).doesNotContain(Float.NaN);
        assertThat(depth(larger, "cuda:f32", image)).containsExactly(depth(larger, "cpu", image), within(1e-3f));
    }

    private static float[] depth(Path checkpoint, String backend, RgbImage image) {
        try (Lotus lotus =
                Lotus.builder().depth(checkpoint).backend(backend).threads(2).build()) {
            return lotus.predictDepth(image, NATIVE).toArray();
        }
    }
}
