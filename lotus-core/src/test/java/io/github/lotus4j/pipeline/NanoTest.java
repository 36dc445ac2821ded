package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.cpu.CpuBackend;
import io.github.lotus4j.eval.Alignment;
import io.github.lotus4j.eval.DepthMetrics;
import io.github.lotus4j.eval.NormalMetrics;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
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

    /** The accuracy that the card of the miniatures gives, to its digits. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void accuracyIsTheCards(int scene) throws IOException {
        String[] card = Files.readAllLines(NANO.resolve("README.md")).stream()
                .filter(line -> line.startsWith("| " + scene + " |"))
                .findFirst()
                .orElseThrow()
                .split(" *\\| *", -1);
        Golden truth = golden(scene);
        float[] metres = truth.get("depth_m").data();
        boolean[] valid = new boolean[metres.length];
        boolean[] everywhere = new boolean[metres.length];
        float[] disparity = new float[metres.length];
        float[] predicted = new float[metres.length];
        float[] channels = predict("lotus-nano-disparity-d", scene);
        for (int i = 0; i < metres.length; i++) {
            valid[i] = truth.get("valid").data()[i] > 0;
            everywhere[i] = true;
            disparity[i] = 1 / metres[i];
            predicted[i] = (channels[3 * i] + channels[3 * i + 1] + channels[3 * i + 2]) / 3;
        }
        Alignment alignment = Alignment.leastSquares(predicted, disparity, valid, metres.length, OptionalInt.empty());
        float[] depth = new float[metres.length];
        for (int i = 0; i < depth.length; i++) {
            depth[i] = (float) (1 / Math.max(alignment.apply(predicted[i]), 1 / 40.0));
        }
        DepthMetrics metrics = DepthMetrics.of(depth, metres, valid);
        float[] normals = predict("lotus-nano-normal-d", scene);
        for (int i = 0; i < normals.length; i++) {
            normals[i] = 2 * normals[i] - 1;
        }
        NormalMetrics angles = NormalMetrics.of(normals, truth.get("normals").data(), everywhere);
        assertThat(List.of(
                        rounded("%.4f", metrics.absRel()),
                        rounded("%.4f", metrics.delta1()),
                        rounded("%.2f", angles.mean()),
                        rounded("%.4f", angles.below11() / 100),
                        rounded("%.4f", angles.below30() / 100)))
                .containsExactly(card[4], card[5], card[6], card[7], card[8]);
    }

    private static String rounded(String format, double value) {
        return String.format(Locale.ROOT, format, value);
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
        byte[] pixels = new byte[(int) shape.elements()];
        for (int i = 0; i < shape.pixels(); i++) {
            int rgb = image.getRGB(i % shape.w(), i / shape.w());
            pixels[3 * i] = (byte) (rgb >> 16);
            pixels[3 * i + 1] = (byte) (rgb >> 8);
            pixels[3 * i + 2] = (byte) rgb;
        }
        try (Backend backend = new CpuBackend(new BackendSettings(2, true));
                LoadedCheckpoint loaded = LoadedCheckpoint.load(CHECKPOINTS.resolve(checkpoint), backend);
                Ops ops = backend.open(RunListener.NONE)) {
            int resolution = loaded.defaultProcessingResolution().orElse(768);
            Settings settings = new Settings(
                    resolution,
                    Filter.BILINEAR,
                    true,
                    0,
                    1,
                    1,
                    Task.PREDICTION,
                    OptionalLong.empty(),
                    OptionalInt.empty());
            return loaded.pipeline().predict(pixels, shape, settings, ops);
        }
    }
}
