package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images as no camera takes them, before the trained miniature: a depth and a normal at each pixel all the same. */
class EdgeOfRangeTest {
    private static final Path NANO = Path.of("../lotus-nano/src/main/resources/io/github/lotus4j/nano");

    private static Lotus lotus;

    @BeforeAll
    static void load() {
        lotus = Lotus.builder()
                .depth(NANO.resolve("lotus-nano-disparity-d"))
                .normal(NANO.resolve("lotus-nano-normal-d"))
                .build();
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    /** @param value of a sample, 0 to 255, by its place among all */
    private static RgbImage image(int width, int height, IntUnaryOperator value) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) value.applyAsInt(i);
        }
        return RgbImage.of(width, height, rgb);
    }

    static Stream<Arguments> images() {
        Random random = new Random(1);
        return Stream.of(
                Arguments.of("black", image(64, 48, _ -> 0)),
                Arguments.of("white", image(64, 48, _ -> 255)),
                Arguments.of("one colour", image(64, 48, i -> 80 * (i % 3))),
                Arguments.of("noise", image(64, 48, _ -> random.nextInt(256))),
                Arguments.of("black and white pixels in turn", image(64, 48, i -> i / 3 % 2 * 255)),
                Arguments.of("strong light in the dark", image(64, 48, i -> i / 3 == 64 * 20 + 30 ? 255 : 0)),
                Arguments.of("a strip", image(512, 16, i -> i % 256)),
                Arguments.of("a column", image(20, 600, i -> i / 60 % 256)),
                Arguments.of("a few pixels", image(5, 4, i -> 4 * i)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void eachPixelHasADepthAndANormal(String name, RgbImage image) {
        Geometry geometry = lotus.predictGeometry(image);
        float[] depth = geometry.depth().toArray();
        float[] normals = geometry.normals().toArray();
        assertThat(depth).hasSize(image.width() * image.height());
        for (int i = 0; i < depth.length; i++) {
            assertThat(depth[i]).isBetween(0f, 1f);
            double x = normals[3 * i];
            double y = normals[3 * i + 1];
            double z = normals[3 * i + 2];
            assertThat(Math.sqrt(x * x + y * y + z * z)).isBetween(1 - 1e-5, 1 + 1e-5);
        }
        Geometry again = lotus.predictGeometry(image);
        assertThat(again.depth().toArray()).isEqualTo(depth);
        assertThat(again.normals().toArray()).isEqualTo(normals);
    }

    /** Brought to the model's size, its shorter side has no pixel of the latent left. */
    @Test
    void whatIsTooThinIsRefused() {
        assertThatThrownBy(() -> lotus.predictDepth(image(1, 1000, i -> i % 256)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("1×1000");
    }
}
