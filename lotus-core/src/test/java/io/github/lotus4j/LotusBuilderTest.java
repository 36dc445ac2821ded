package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tells checkpoints apart before they are loaded. */
class LotusBuilderTest {
    @TempDir
    Path folder;

    private Path checkpoint(String name, long seed) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, Mode.D, seed, DType.F16);
    }

    @Test
    void fingerprintTellsWhatIsLoadedAndAsWhat() throws IOException {
        Path depth = checkpoint("lotus-depth", 1);
        Path normal = checkpoint("lotus-normal", 2);
        List<String> different = List.of(
                Lotus.builder().depth(depth).fingerprint(),
                Lotus.builder().depth(depth, DepthKind.AFFINE_DISPARITY).fingerprint(),
                Lotus.builder().depth(normal).fingerprint(),
                Lotus.builder().normal(depth).fingerprint(),
                Lotus.builder().normal(normal).fingerprint(),
                Lotus.builder().depth(depth).normal(normal).fingerprint());
        assertThat(different).doesNotHaveDuplicates();
        assertThat(Lotus.builder().checkpoint(depth).threads(1).exact(true).fingerprint())
                .isEqualTo(different.getFirst());
        Files.writeString(depth.resolve("model_index.json"), "{\"default_processing_resolution\": 640}");
        assertThat(Lotus.builder().depth(depth).fingerprint()).isNotIn(different);
    }

    @Test
    void fingerprintOfNothing() {
        assertThatThrownBy(() -> Lotus.builder().fingerprint())
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no checkpoint was named");
        Path absent = folder.resolve("absent");
        assertThatThrownBy(() -> Lotus.builder().depth(absent).fingerprint())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(absent.toString());
    }
}
