package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs on the simulated device against the reference's values, stage by stage. */
class CudaGoldenTest {
    @TempDir
    private Path folder;

    static Stream<String> tinyCases() {
        return Golden.TINY.stream();
    }

    @ParameterizedTest
    @MethodSource("tinyCases")
    void tiny(String name) throws Exception {
        Golden run = Golden.open(name);
        Path checkpoint = SyntheticCheckpoint.write(
                folder,
                Architecture.TINY,
                Mode.valueOf(run.run("mode")),
                Long.parseLong(run.run("weights_seed")),
                DType.valueOf(run.run("weights_dtype")));
        for (Precision precision : Precision.values()) {
            if (precision == Precision.BF16 && !name.contains("bf16")) {
                continue; // once, since the simulated device takes its time
            }
            try (Backend backend = SimulatedDevice.open(precision)) {
                List<GoldenRun.Stage> stages = GoldenRun.compare(Golden.copy(name, folder), checkpoint, backend);
                assertThat(stages)
                        .as(name + ", " + precision)
                        .hasSizeGreaterThanOrEqualTo(4)
                        .allMatch(GoldenRun.Stage::passes);
            }
        }
    }
}
