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
                "40000 | 1200 | 10000000 | 307.7 | 40,000 of 10,000,000 images predicted, 1,200 failed, 130.0 a second, 21.3 h left",
                "100 | 0 | 400 | 600 | 100 of 400 images predicted, 0 failed, 0.2 a second, 30 min left",
                "8 | 8 | 8 | 4 | 8 of 8 images predicted, 8 failed, 2.0 a second, 0 min left"
            })
    void whatIsLeftTakesAsLongAsWhatIsDone(long done, long failed, long images, double seconds, String told) {
        assertThat(RunProgress.told(done, failed, images, seconds)).isEqualTo(told);
    }

    @Test
    void chunksAddUp() {
        RunProgress progress = new RunProgress(30);
        assertThat(progress.after(10, 1)).startsWith("10 of 30 images predicted, 1 failed, ");
        assertThat(progress.after(20, 2))
                .startsWith("30 of 30 images predicted, 3 failed, ")
                .endsWith(" 0 min left");
    }
}
