package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order of frames. */
class NaturalOrderTest {
    @Test
    void numbersCountAsNumbers() {
        List<String> ordered = List.of(
                "",
                "1",
                "2",
                "10",
                "a",
                "frame",
                "frame-1",
                "frame0",
                "frame01",
                "frame1",
                "frame1a2",
                "frame1a10",
                "frame2",
                "frame009",
                "frame10",
                "frame99999999999999999998",
                "frame99999999999999999999",
                "frameb",
                "shot2/frame9",
                "shot10/frame1");
        List<String> mixed = new ArrayList<>(ordered);
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(mixed, new Random(seed));
            mixed.sort(NaturalOrder.INSTANCE);
            assertThat(mixed).as("seed %d", seed).isEqualTo(ordered);
        }
    }
}
