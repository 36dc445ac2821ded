package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Memory of a checkpoint of Stable Diffusion 2's size, loaded and run in a fresh process with the settings that README.md advises,
 * and what was said of it before. Times are printed, not tested.
 */
@Tag("full")
class FullSizeTest {
    @ParameterizedTest
    @CsvSource({"F16, 512, 3000", "F32, 96, 5500"})
    void memory(DType type, int side, double residentMegabytes, @TempDir Path folder) throws Exception {
        SyntheticCheckpoint.write(folder, Architecture.FULL, Mode.D, 0, type);
        Map<String, Double> figures = FullSizeRun.inProcess(folder, side, 1);
        System.out.println(type + " " + side + "×" + side + ": " + figures);
        assertThat(figures.get("resident MB")).isLessThan(residentMegabytes);
        assertThat(figures.get("resident MB")).isCloseTo(figures.get("planned MB"), withinPercentage(10));
        assertThat(figures.get("depth at 0, 0")).isBetween(0.0, 1.0);
    }
}
