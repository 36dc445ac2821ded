package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of a checkpoint of Stable Diffusion 2's size, loaded on the simulated device; nothing is predicted. */
@Tag("full")
class CudaFullSizeTest {
    private static final long HALF_OF_A_SMALL_CARD = 5_000_000_000L;

    @Test
    void fitsASmallCard(@TempDir Path folder) throws Exception {
        SyntheticCheckpoint.write(folder, Architecture.FULL, Mode.D, 0, DType.F16);
        SimulatedDevice.open(Precision.F16).close();
        SimulatedDevice.forgetLargestUse();
        try (Lotus lotus = Lotus.builder().depth(folder).backend("cuda").build()) {
            long loading = SimulatedDevice.largestUse();
            long loaded = SimulatedDevice.used();
            for (int side : new int[] {512, 768, 1024}) {
                long prediction =
                        lotus.predictionBytes(side, side, PredictionOptions.DEFAULT.withProcessingResolution(0));
                System.out.printf(
                        "%d×%d: weights %,d, while loading %,d, with a prediction %,d bytes%n",
                        side, side, loaded, loading, loaded + prediction);
                if (side <= 768) {
                    assertThat(loaded + prediction).isLessThan(HALF_OF_A_SMALL_CARD);
                }
            }
            assertThat(loading).isLessThan(HALF_OF_A_SMALL_CARD);
        }
    }
}
