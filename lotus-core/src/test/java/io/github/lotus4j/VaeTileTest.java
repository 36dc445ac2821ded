package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiles together with everything else that users ask for, on synthetic checkpoints. */
class VaeTileTest {
    private static final PredictionOptions WHOLE = PredictionOptions.DEFAULT.withProcessingResolution(0);
    private static final PredictionOptions TILED = WHOLE.withVaeTile(48);

    @TempDir
    static Path folder;

    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        lotus = Lotus.builder()
                .depth(checkpoint("lotus-depth-d", Mode.D))
                .normal(checkpoint("lotus-normal-g", Mode.G))
                .threads(2)
                .build();
    }

    private static Path checkpoint(String name, Mode mode) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, mode, 1, DType.F16);
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    @Test
    void geometryIsDepthAndNormals() {
        RgbImage image = NoiseImage.of(99, 81, 1);
        Geometry both = lotus.predictGeometry(image, TILED);
        assertThat(both.depth().toArray())
                .isEqualTo(lotus.predictDepth(image, TILED).toArray())
                .isNotEqualTo(lotus.predictDepth(image, WHOLE).toArray());
        assertThat(both.normals().toArray())
                .isEqualTo(lotus.predictNormal(image, TILED).toArray())
                .isNotEqualTo(lotus.predictNormal(image, WHOLE).toArray());
    }

    @Test
    void batchEqualsItsImages() {
        List<RgbImage> images = List.of(NoiseImage.of(70, 99, 3), NoiseImage.of(70, 99, 4));
        List<DepthMap> batch = lotus.predictDepth(images, TILED);
        for (int i = 0; i < 2; i++) {
            assertThat(batch.get(i).toArray())
                    .isEqualTo(lotus.predictDepth(images.get(i), TILED).toArray());
        }
    }

    @Test
    void sizesSeedsAndStepsMeanTheSame() {
        RgbImage image = NoiseImage.of(40, 32, 5);
        PredictionOptions tiled = TILED.withProcessingResolution(90);
        NormalMap enlarged = lotus.predictNormal(image, tiled);
        assertThat(enlarged.width()).isEqualTo(40);
        assertThat(enlarged.height()).isEqualTo(32);
        NormalMap own = lotus.predictNormal(image, tiled.withMatchInput(false));
        assertThat(own.width()).isEqualTo(88);
        assertThat(own.height()).isEqualTo(72);
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 40; x++) { // nearest neighbour
                assertThat(enlarged.at(x, y)).isEqualTo(own.at((int) ((x + 0.5) * 2.2), (int) ((y + 0.5) * 2.25)));
            }
        }
        for (PredictionOptions other : List.of(tiled.withSeed(1), tiled.withSteps(3), tiled.withLatentSampleSeed(1))) {
            assertThat(lotus.predictNormal(image, other).toArray()).isNotEqualTo(enlarged.toArray());
        }
    }

    @Test
    void progressRisesAndCancellationIsHeard() {
        List<Progress> told = new ArrayList<>();
        RgbImage image = NoiseImage.of(96, 64, 7);
        lotus.predictDepth(image, TILED.withProgress(told::add));
        assertThat(told.stream().map(Progress::stage).distinct())
                .containsExactly(Progress.Stage.ENCODE, Progress.Stage.DENOISE, Progress.Stage.DECODE);
        assertThat(told.stream().map(Progress::fraction)).isSorted();
        assertThat(told.getLast().fraction()).isEqualTo(1);
        int[] blocks = new int[1];
        PredictionOptions cancelled =
                TILED.withCancellation(() -> blocks[0] == told.size() - 1).withProgress(progress -> blocks[0]++);
        assertThatThrownBy(() -> lotus.predictDepth(image, cancelled)).isInstanceOf(CancellationException.class);
        assertThat(blocks[0]).isEqualTo(told.size() - 1);
    }

    @Test
    void largeImagesTakeLessMemory() {
        PredictionOptions large = WHOLE.withProcessingResolution(1024);
        long whole = lotus.predictionBytes(64, 64, large);
        long tiled = lotus.predictionBytes(64, 64, large.withVaeTile(256));
        assertThat(tiled).isLessThan(whole / 3);
        assertThat(lotus.predictionBytes(64, 64, large.withVaeTile(1024))).isEqualTo(whole);
    }

    @Test
    void refusalNamesTiles() {
        RgbImage image = NoiseImage.of(16, 16, 9);
        PredictionOptions huge = WHOLE.withProcessingResolution(7000);
        assertThatThrownBy(() -> lotus.predictDepth(image, huge))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining("VAE tile");
        assertThatThrownBy(() -> WHOLE.withVaeTile(0)).hasMessageContainingAll("VAE tile", "0 pixels", "1 to 16384");
        assertThatThrownBy(() -> lotus.predictDepth(image, WHOLE.withVaeTile(31)))
                .hasMessageContainingAll("VAE tile", "31", "at least 32");
    }
}
