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
import io.github.lotus4j.weights.Golden;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded miniatures on their scenes, against the reference pipeline's output. */
class NanoTest {
    private static final Path NANO = Path.of("..", "lotus-nano");
    private static final Path CHECKPOINTS = NANO.resolve("src/main/resources/io/github/lotus4j/nano");
    /** The golden files' tolerance for a whole prediction with exact algorithms. */
    private static final double TOLERANCE = 3e-5;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void disparityEqualsTheReference(int scene) throws IOException {
        float[] channels = predict("lotus-nano-disparity-d", scene);
        float[] expected = golden(scene).get("reference_disparity").data();
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double disparity = ((double) channels[3 * i] + channels[3 * i + 1] + channels[3 * i + 2]) / 3;
            worst = larger(worst, disparity - expected[i]);
        }
        assertThat(worst).isLessThanOrEqualTo(TOLERANCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void normalsEqualTheReference(int scene) throws IOException {
        float[] channels = predict("lotus-nano-normal-d", scene);
        float[] expected = golden(scene).get("reference_normal_image").data();
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = larger(worst, (double) channels[i] - expected[i]);
        }
        assertThat(worst).isLessThanOrEqualTo(TOLERANCE);
    }

    /** NaN is larger than everything. */
    private static double larger(double worst, double difference) {
        return Math.abs(difference) <= worst ? worst : Math.abs(difference);
    }

    private static Golden golden(int scene) throws IOException {
        return Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
    }

    private static float[] predict(String checkpoint, int scene) throws IOException {
        File file = NANO.resolve("scenes/scene-" + scene + ".png").toFile();
        BufferedImage image = ImageIO.read(file);
        Shape shape = new Shape(1, image.getHeight(), image.getWidth(), 3);
        float[] pixels = new float[(int) shape.elements()];
        for (int i = 0; i < shape.pixels(); i++) {
            int rgb = image.getRGB(i % shape.w(), i / shape.w());
            pixels[3 * i] = rgb >> 16 & 0xff;
            pixels[3 * i + 1] = rgb >> 8 & 0xff;
            pixels[3 * i + 2] = rgb & 0xff;
        }
        try (Backend backend = new CpuBackend(new BackendSettings(2, true));
                LoadedCheckpoint loaded = LoadedCheckpoint.load(CHECKPOINTS.resolve(checkpoint), backend);
                Ops ops = backend.open(RunListener.NONE)) {
            int resolution = loaded.defaultProcessingResolution().orElse(768);
            Settings settings = new Settings(resolution, Filter.BILINEAR, true, 0, 1, Task.PREDICTION, OptionalLong.empty());
            return loaded.pipeline().predict(pixels, shape, settings, ops);
        }
    }
}
