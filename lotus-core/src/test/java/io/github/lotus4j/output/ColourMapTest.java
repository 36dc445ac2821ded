package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ColourMapTest {
    /** Values as matplotlib 3.11 has them, at 0, 64, 127, 128, 200 and 255 of 255. */
    @ParameterizedTest
    @CsvSource({
        "SPECTRAL, 9e0142, f88e52, fefebd, fefebe, 70c6a4, 5e4fa2",
        "TURBO, 30123b, 28bbeb, a1fc3d, a4fc3b, f46516, 7a0402",
        "VIRIDIS, 440154, 3a528b, 208f8c, 20908c, 70ce56, fde724",
        "GREY, 000000, 404040, 7f7f7f, 808080, c8c8c8, ffffff"
    })
    void coloursAreMatplotlibs(
            ColourMap map, String c0, String c64, String c127, String c128, String c200, String c255) {
        float[] values = {0, 64 / 255f, 127 / 255f, 128 / 255f, 200 / 255f, 1};
        assertThat(HexFormat.of().formatHex(map.paint(values))).isEqualTo(c0 + c64 + c127 + c128 + c200 + c255);
    }

    @Test
    void spectralIsTheReferences() throws IOException {
        Golden golden = Golden.open("colormap-spectral");
        byte[] painted = ColourMap.SPECTRAL.paint(golden.get("value").data());
        float[] expected = golden.get("rgb").data();
        for (int i = 0; i < expected.length; i++) {
            assertThat(painted[i] & 0xff).as("value %d", i).isEqualTo((int) expected[i]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatLiesBeyondIsTheEnd(ColourMap map) {
        byte[] rgb = map.paint(new float[] {-0.5f, 0, -1e30f, 1.5f, 1, 1e30f});
        byte[] low = Arrays.copyOfRange(rgb, 0, 3);
        byte[] high = Arrays.copyOfRange(rgb, 9, 12);
        assertThat(Arrays.copyOfRange(rgb, 3, 6)).isEqualTo(low).isEqualTo(Arrays.copyOfRange(rgb, 6, 9));
        assertThat(Arrays.copyOfRange(rgb, 12, 15)).isEqualTo(high).isEqualTo(Arrays.copyOfRange(rgb, 15, 18));
        assertThat(low).isNotEqualTo(high);
    }

    /** The warm or bright end is near; in between every colour is there, in its order. */
    @ParameterizedTest
    @CsvSource({"SPECTRAL, 9e0142, 5e4fa2", "TURBO, 7a0402, 30123b", "VIRIDIS, fde724, 440154", "GREY, ffffff, 000000"})
    void fromNearToFar(ColourMap map, String near, String far) {
        byte[] all = map.fromNearToFar();
        assertThat(all).hasSize(3 * 256);
        assertThat(HexFormat.of().formatHex(all)).startsWith(near).endsWith(far);
        byte[] table = map.table();
        for (int i = 0; i < 256; i++) {
            int from = map.beginsNear() ? i : 255 - i;
            assertThat(Arrays.copyOfRange(all, 3 * i, 3 * i + 3))
                    .isEqualTo(Arrays.copyOfRange(table, 3 * from, 3 * from + 3));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.5", "1, 0", "NaN, 1", "0, NaN", "0, Infinity", "-Infinity, 0"})
    void rangesThatAreNone(float min, float max) {
        assertThatThrownBy(() -> new ValueRange(min, max))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("range", Float.toString(min), Float.toString(max), "smaller one first");
    }
}
