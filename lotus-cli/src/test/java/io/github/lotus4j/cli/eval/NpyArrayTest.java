package io.github.lotus4j.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyArrayTest {
    private static Plane plane(String shape, int channels) {
        int[] sizes =
                Stream.of(shape.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
        return new NpyArray(sizes, new float[Arrays.stream(sizes).reduce(1, (a, b) -> a * b)]).plane("x.npy", channels);
    }

    @ParameterizedTest
    @CsvSource({"4 5, 1, 5, 4", "1 5, 1, 5, 1", "4 1, 1, 1, 4", "4 5 1, 1, 5, 4", "1 1 4 5, 1, 5, 4", "1 5 1, 1, 5, 1"})
    void onesAroundAnImageAreNone(String shape, int channels, int width, int height) {
        Plane plane = plane(shape, channels);
        assertThat(plane.width()).isEqualTo(width);
        assertThat(plane.height()).isEqualTo(height);
    }

    @ParameterizedTest
    @CsvSource({"1 4 5 3, 5, 4", "1 5 3, 5, 1"})
    void normalsHaveThreeChannels(String shape, int width, int height) {
        assertThat(plane(shape, 3).width()).isEqualTo(width);
        assertThat(plane(shape, 3).height()).isEqualTo(height);
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "0 0, 1", "0 2147483647, 1", "4 1 5, 1", "2 4 5, 1", "4 5, 3", "3 4 5, 3", "4 5 4, 3"})
    void otherShapesAreRefused(String shape, int channels) {
        assertThatThrownBy(() -> plane(shape, channels))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("x.npy: found the shape [")
                .hasMessageContaining("expected [height, width");
    }
}
