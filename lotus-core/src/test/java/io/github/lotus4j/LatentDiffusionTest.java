package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.LdmCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints with the names of the original code predict the same, to the bit. */
class LatentDiffusionTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);
    private static final RgbImage IMAGE = NoiseImage.of(48, 40, 1);

    @TempDir
    Path folder;

    private static Path write(Path to, Mode mode, long seed) throws IOException {
        return SyntheticCheckpoint.write(to, Architecture.TINY, mode, seed, DType.F32);
    }

    private static float[] predict(Path checkpoint) {
        try (Lotus lotus = Lotus.load(checkpoint)) {
            return lotus.predictDepth(IMAGE, NATIVE).toArray();
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void predictionIsTheSame(Mode mode) throws IOException {
        Path checkpoint = write(folder.resolve("lotus-depth"), mode, 1);
        float[] expected = predict(checkpoint);
        LdmCheckpoint.rename(checkpoint);
        assertThat(predict(checkpoint)).isEqualTo(expected);
        assertThat(CheckpointInfo.read(checkpoint).problems()).isEmpty();
        assertThat(CheckpointInfo.read(checkpoint).generative()).isEqualTo(mode == Mode.G);
    }

    /** The same network under other names is held once. */
    @Test
    void vaeIsSharedWithOneOfTodaysNames() throws IOException {
        Path depth = write(folder.resolve("lotus-depth"), Mode.D, 1);
        Path normal = write(folder.resolve("lotus-normal"), Mode.D, 1);
        LdmCheckpoint.rename(normal);
        try (Lotus lotus = Lotus.builder().depth(depth).normal(normal).build()) {
            assertThat(lotus.sharesVae()).isTrue();
        }
    }
}
