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

class OutOfHeapTest {
    private static final List<String> SETTINGS =
            List.of("--add-modules", "jdk.incubator.vector", "-Xmx40m", "-XX:+UseSerialGC");

    @Test
    @Fault(
            value = "the heap is used up during a prediction",
            by = "a listener that takes all of it, at moments throughout, in a process of its own",
            then =
                    "an InsufficientMemoryException for the caller, or an OutOfMemoryError where not even that fits; the next prediction equals the first")
    void predictionsFailAndTheNextIsAsBefore(@TempDir Path folder) throws Exception {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F32);
        String said = ForkedRun.of(OutOfHeapRun.class, SETTINGS, folder);
        assertThat(said).containsPattern("failed and went on: [1-9]");
    }
}
