package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnloadingTest {
    private static final List<String> SETTINGS =
            List.of("--add-modules", "jdk.incubator.vector", "-XX:SoftRefLRUPolicyMSPerMB=0");

    @Test
    @Fault(
            value = "the class loader is dropped, and another takes its place",
            by = "three class loaders, one after another, each of which loads, predicts on a virtual thread and closes",
            then = "equal results; no class loader, thread or open file stays")
    void nothingKeepsAClassLoaderThatIsDropped(@TempDir Path folder) throws Exception {
        OpenFiles.in(folder); // where the system tells
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F32);
        String said = ForkedRun.of(UnloadingRun.class, SETTINGS, folder);
        assertThat(said)
                .contains("class loader 0 is gone", "class loader 2 is gone")
                .doesNotContain("stays");
    }
}
