package io.github.lotus4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.ReferenceBackend;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The textbook in doubles agrees with the reference as well, to the latter's own rounding. */
class ReferenceGoldenTest {
    @Test
    void everyBlock(@TempDir Path folder) throws Exception {
        String name = "tiny-d-ladder";
        Golden run = Golden.open(name);
        SyntheticCheckpoint.write(
                folder, Architecture.TINY, Mode.D, Long.parseLong(run.run("weights_seed")), DType.F32);
        try (Backend backend = new ReferenceBackend()) {
            assertThat(GoldenRun.compare(Golden.copy(name, folder), folder, backend))
                    .hasSizeGreaterThan(40)
                    .allMatch(GoldenRun.Stage::passes)
                    .allMatch(stage -> stage.found().relative() < 5e-6);
        }
    }
}
