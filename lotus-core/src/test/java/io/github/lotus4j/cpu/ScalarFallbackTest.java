package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build runs this twice, the second time in a Java without the incubating module. */
class ScalarFallbackTest {
    @Test
    void worksWithTheVectorModuleAndWithout(@TempDir Path folder) throws Exception {
        boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        String name = "tiny-d-96x128";
        long seed = Long.parseLong(Golden.open(name).run("weights_seed"));
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, seed, DType.F32);
        Path golden = Golden.copy(name, folder);
        try (Backend backend = new CpuBackend(new BackendSettings(2, true))) {
            assertThat(backend.description()).contains(vectors ? "Vector API" : "jdk.incubator.vector");
            assertThat(GoldenRun.compare(golden, folder, backend)).isNotEmpty().allMatch(GoldenRun.Stage::passes);
        }
    }
}
