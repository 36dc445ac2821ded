package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunProgressTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40000 | 10000000 | 307.7 | 40,000 of 10,000,000 images predicted, 130.0 a second, 21.3 h left",
                "100 | 400 | 600 | 100 of 400 images predicted, 0.2 a second, 30 min left",
                "8 | 8 | 4 | 8 of 8 images predicted, 2.0 a second, 0 min left"
            })
    void whatIsLeftTakesAsLongAsWhatIsDone(long done, long images, double seconds, String told) {
        assertThat(RunProgress.told(done, images, seconds)).isEqualTo(told);
    }

    @Test
    void chunksAddUp() {
        RunProgress progress = new RunProgress(30);
        assertThat(progress.after(10)).startsWith("10 of 30 ");
        assertThat(progress.after(20)).startsWith("30 of 30 ").endsWith(" 0 min left");
    }
}
