package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.SpreadMap;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --ensemble}, by the files that it writes. */
class EnsembleTest {
    private static final PredictionOptions OPTIONS =
            PredictionOptions.DEFAULT.withProcessingResolution(0).withSeed(5).withEnsemble(3);

    @TempDir
    Path folder;

    private Path depthModel;
    private Path normalModel;
    private Path image;

    @BeforeEach
    void write() throws IOException {
        depthModel =
                SyntheticCheckpoint.write(folder.resolve("lotus-depth-g"), Architecture.TINY, Mode.G, 1, DType.F16);
        normalModel =
                SyntheticCheckpoint.write(folder.resolve("lotus-normal-g"), Architecture.TINY, Mode.G, 1, DType.F16);
        BufferedImage pixels = new BufferedImage(40, 24, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 40 * 24; i++) {
            pixels.setRGB(i % 40, i / 40, i * 7919);
        }
        image = folder.resolve("a.png");
        ImageIO.write(pixels, "png", image.toFile());
    }

    private List<String> run(int expected, Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = Stream.concat(Stream.of(words), Stream.of("--output", folder.resolve("out")))
                .map(Object::toString)
                .toArray(String[]::new);
        int code = Main.run(Map.of("HF_HUB_OFFLINE", "1"), new PrintWriter(out, true), new PrintWriter(err, true), all);
        assertThat(code).as(err.toString()).isEqualTo(expected);
        return (expected == 0 ? out : err).toString().lines().toList();
    }

    private List<Path> written(List<String> lines) {
        return lines.stream()
                .map(line -> folder.resolve("out").relativize(Path.of(line)))
                .toList();
    }

    @Test
    void depthIsWrittenWithItsSpread() throws IOException {
        List<String> lines =
                run(0, "depth", image, "--model", depthModel, "--processing-res", 0, "--seed", 5, "--ensemble", 3);
        assertThat(written(lines))
                .containsExactly(
                        Path.of("a_depth.npy"),
                        Path.of("a_depth.png"),
                        Path.of("a_depth_preview.png"),
                        Path.of("a_depth_spread.npy"),
                        Path.of("a_depth_spread.png"),
                        Path.of("a_depth_spread_preview.png"));
        try (Lotus lotus = Lotus.load(depthModel)) {
            DepthMap depth = lotus.predictDepth(RgbImage.read(image), OPTIONS);
            SpreadMap spread = depth.spread().orElseThrow();
            assertThat(npy("a_depth.npy")).isEqualTo(depth.toArray());
            assertThat(npy("a_depth_spread.npy")).isEqualTo(spread.toArray());
            requireSixteenBits("a_depth_spread.png", spread, 1);
            requireRedIsWhereItIsLargest("a_depth_spread_preview.png", spread);
        }
    }

    @Test
    void geometryIsWrittenWithTheSpreadOfBoth() throws IOException {
        List<String> lines = run(
                0,
                "geometry",
                image,
                "--depth-model",
                depthModel,
                "--normal-model",
                normalModel,
                "--processing-res",
                0,
                "--seed",
                5,
                "--ensemble",
                3,
                "--format",
                "npy,png");
        assertThat(written(lines))
                .containsExactly(
                        Path.of("a_depth.npy"),
                        Path.of("a_depth.png"),
                        Path.of("a_depth_spread.npy"),
                        Path.of("a_depth_spread.png"),
                        Path.of("a_normal.npy"),
                        Path.of("a_normal.png"),
                        Path.of("a_normal_spread.npy"),
                        Path.of("a_normal_spread.png"));
        try (Lotus lotus = Lotus.builder().depth(depthModel).normal(normalModel).build()) {
            Geometry both = lotus.predictGeometry(RgbImage.read(image), OPTIONS);
            SpreadMap spread = both.normals().spread().orElseThrow();
            assertThat(npy("a_normal_spread.npy")).isEqualTo(spread.toArray());
            requireSixteenBits("a_normal_spread.png", spread, 180);
            assertThat(npy("a_depth_spread.npy"))
                    .isEqualTo(both.depth().spread().orElseThrow().toArray());
        }
        assertThat(written(run(0, "normal", image, "--model", normalModel, "--format", "preview", "--ensemble", 2)))
                .containsExactly(Path.of("a_normal.png"), Path.of("a_normal_spread_preview.png"));
    }

    @Test
    void deterministicCheckpointIsRefused() {
        assertThat(run(1, "depth", image, "--ensemble", 3))
                .filteredOn(line -> line.startsWith("lotus:"))
                .singleElement()
                .asString()
                .contains("ensemble", "3", "Lotus-D", "Lotus-G");
    }

    private float[] npy(String file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(
                        Files.readAllBytes(folder.resolve("out").resolve(file)))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(10 + bytes.getShort(8));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private BufferedImage png(String file) throws IOException {
        return ImageIO.read(folder.resolve("out").resolve(file).toFile());
    }

    private void requireSixteenBits(String file, SpreadMap spread, double whole) throws IOException {
        BufferedImage png = png(file);
        int largest = 0;
        for (int y = 0; y < spread.height(); y++) {
            for (int x = 0; x < spread.width(); x++) {
                int found = png.getRaster().getSample(x, y, 0);
                assertThat((double) found).isCloseTo(65535 * spread.at(x, y) / whole, within(0.51));
                largest = Math.max(largest, found);
            }
        }
        assertThat(largest).as("the members differ").isPositive();
    }

    private void requireRedIsWhereItIsLargest(String file, SpreadMap spread) throws IOException {
        BufferedImage png = png(file);
        int at = 0;
        float[] values = spread.toArray();
        for (int i = 0; i < values.length; i++) {
            at = values[i] > values[at] ? i : at;
        }
        assertThat(png.getRGB(at % spread.width(), at / spread.width()) & 0xffffff)
                .isEqualTo(0x9e0142);
    }
}
