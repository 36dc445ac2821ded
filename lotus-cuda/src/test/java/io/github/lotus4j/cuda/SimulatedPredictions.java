package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NoiseImage;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Predictions by a tiny checkpoint on the simulated device, after each test of which everything is free again. */
abstract class SimulatedPredictions {
    static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    private static Path folder;

    private static Path checkpoint = Path.of("");
    private long liveBefore;

    @BeforeAll
    static void write() throws Exception {
        checkpoint = SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 1, DType.F16);
    }

    @BeforeEach
    void count() {
        SimulatedDevice.open(Precision.F16).close(); // loads the libraries
        liveBefore = SimulatedDevice.live();
    }

    @AfterEach
    void everythingIsFreed() {
        SimulatedDevice.limit(0);
        SimulatedDevice.graphs(SimulatedDevice.Graphs.RIGHT);
        assertThat(SimulatedDevice.live())
                .as("allocations, streams, handles, descriptors")
                .isEqualTo(liveBefore);
    }

    static Path checkpoint() {
        return checkpoint;
    }

    static Lotus open(String backend) {
        return Lotus.builder().depth(checkpoint).backend(backend).build();
    }

    static RgbImage image(int width, int height) {
        return NoiseImage.of(width, height, width);
    }

    static float[] values(DepthMap map) {
        float[] values = new float[map.width() * map.height()];
        for (int i = 0; i < values.length; i++) {
            values[i] = map.at(i % map.width(), i / map.width());
        }
        return values;
    }
}
