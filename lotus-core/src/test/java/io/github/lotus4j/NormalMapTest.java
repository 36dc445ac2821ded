package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.error.LotusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One direction, in everybody's axes. */
class NormalMapTest {
    /** A surface that looks right, down and toward the camera, in the proportions 1 : 2 : 2. */
    @ParameterizedTest
    @CsvSource({"DSINE, -1, -2, 2", "OPENGL, 1, -2, 2", "OPENCV, 1, 2, -2"})
    void axes(NormalAxes axes, float x, float y, float z) {
        NormalMap map = NormalMap.of(1, 1, new float[] {-1 / 3f, -2 / 3f, 2 / 3f}, NormalAxes.DSINE);
        assertThat(map.toArray(axes)).containsExactly(new float[] {x / 3, y / 3, z / 3}, within(1e-6f));
        NormalMap same = NormalMap.of(1, 1, new float[] {x / 3, y / 3, z / 3}, axes);
        assertThat(same.at(0, 0)).containsExactly(map.at(0, 0), within(1e-6f));
    }

    @ParameterizedTest
    @EnumSource(NormalAxes.class)
    void givenVectorsAreNotChanged(NormalAxes axes) {
        float[] given = {0.6f, 0, 0.8f};
        NormalMap map = NormalMap.of(1, 1, given, axes);
        assertThat(given).containsExactly(0.6f, 0, 0.8f);
        float[] before = map.toArray();
        map.toArray(axes)[0] = 5;
        assertThat(map.toArray()).isEqualTo(before);
    }

    @Test
    void whatIsNoNormalIsNamed() {
        assertThatThrownBy(() -> NormalMap.of(2, 1, new float[] {0, 0, 1, 0, 2, 0}, NormalAxes.OPENGL))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("2.0", "column 1, row 0");
        assertThatThrownBy(() -> NormalMap.of(1, 1, new float[] {0, Float.NaN, 1}, NormalAxes.OPENGL))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> NormalMap.of(2, 1, new float[3], NormalAxes.OPENGL))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("2×1");
    }
}
