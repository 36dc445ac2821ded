package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TilesTest {
    @ParameterizedTest
    @CsvSource({"1, 4", "4, 4", "5, 4", "7, 4", "64, 64", "65, 64", "111, 64", "113, 64", "256, 64", "97, 7", "31, 5"})
    void weightsAddUpToOneEverywhere(int length, int most) {
        Tiles tiles = Tiles.covering(length, most);
        assertThat(tiles.start(0)).isZero();
        assertThat(tiles.start(tiles.count() - 1) + tiles.size()).isEqualTo(length);
        for (int scale : new int[] {1, 8}) {
            float[] sums = new float[length * scale];
            for (int i = 0; i < tiles.count(); i++) {
                float[] weights = tiles.weights(i, scale);
                assertThat(weights).hasSize(tiles.size() * scale);
                for (int k = 0; k < weights.length; k++) {
                    assertThat(weights[k]).isBetween(0f, 1f);
                    sums[tiles.start(i) * scale + k] += weights[k];
                }
            }
            for (float sum : sums) {
                assertThat(sum).isCloseTo(1, within(1e-6f));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "65, 64", "111, 64", "256, 64", "97, 7"})
    void neighboursShareAQuarter(int length, int most) {
        Tiles tiles = Tiles.covering(length, most);
        for (int i = 1; i < tiles.count(); i++) {
            assertThat(tiles.start(i - 1) + tiles.size() - tiles.start(i)).isGreaterThanOrEqualTo(most / 4);
        }
    }

    @Test
    void oneFadesIntoTheNextLinearly() {
        Tiles tiles = Tiles.covering(14, 8); // from 0 and from 6
        assertThat(tiles.weights(0, 2)).endsWith(1, 0.875f, 0.625f, 0.375f, 0.125f);
        assertThat(tiles.weights(1, 2)).startsWith(0.125f, 0.375f, 0.625f, 0.875f, 1);
    }
}
