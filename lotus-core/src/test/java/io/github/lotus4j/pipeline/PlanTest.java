package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.cpu.CpuBackend;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a plan says is what a run takes, to the byte and to the multiply-add. */
class PlanTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "exact, D, 1, 40, 56, 0, 1, 1, ",
        "exact, G, 1, 24, 24, 48, 3, 1, ",
        "exact, G, 1, 24, 24, 48, 2, 3, ",
        "fast, D, 1, 64, 64, 0, 1, 1, ",
        "fast, D, 2, 33, 17, 0, 1, 1, ",
        "fast, G, 1, 24, 24, 48, 3, 1, ",
        "fast, G, 2, 24, 24, 0, 1, 4, ",
        "fast, D, 2, 81, 99, 0, 1, 1, 48",
        "exact, G, 1, 24, 24, 48, 3, 1, 32",
        "fast, G, 1, 24, 24, 48, 1, 3, 32"
    })
    void planIsWhatARunTakes(
            String way,
            Mode mode,
            int n,
            int height,
            int width,
            int resolution,
            int steps,
            int ensemble,
            @Nullable Integer tile)
            throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, mode, 1, DType.F16);
        Shape image = new Shape(n, height, width, 3);
        Settings settings = new Settings(
                resolution,
                Filter.BILINEAR,
                true,
                1,
                steps,
                ensemble,
                Task.PREDICTION,
                OptionalLong.of(2),
                tile == null ? OptionalInt.empty() : OptionalInt.of(tile));
        try (Backend backend = new CpuBackend(new BackendSettings(2, way.equals("exact")));
                LoadedCheckpoint loaded = LoadedCheckpoint.load(folder, backend)) {
            List<Pipeline> both = List.of(loaded.pipeline(), loaded.pipeline());
            Pipeline.Plan plan = Pipeline.plan(both, image, settings, backend);
            Shape size = Pipeline.processingShape(image, resolution);
            Shape result = ensemble == 1 ? image : size; // members are left as decoded
            for (int run = 0; run < 2; run++) {
                try (Ops ops = backend.open(RunListener.NONE, plan.bytes())) {
                    List<List<float[]>> members =
                            Pipeline.predict(both, new byte[(int) image.elements()], image, settings, ops);
                    assertThat(members).hasSize(ensemble);
                    for (List<float[]> results : members) {
                        assertThat(results.getFirst())
                                .isEqualTo(results.getLast())
                                .hasSize((int) result.elements());
                    }
                    assertThat(ops.peakBytes()).isEqualTo(plan.bytes());
                    assertThat(ops.work()).isEqualTo(plan.work());
                }
            }
        }
    }
}
