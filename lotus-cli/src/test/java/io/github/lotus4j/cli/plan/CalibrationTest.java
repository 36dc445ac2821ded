package io.github.lotus4j.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.lotus4j.Lotus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Measuring, by a clock that goes as the test says. */
class CalibrationTest {
    private final AtomicLong nanos = new AtomicLong(7);

    private void pass(double seconds) {
        nanos.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void mediansOfWorkThatIsTimedInTurn() {
        List<String> order = new ArrayList<>();
        double[] long_ = {9, 3, 1, 2, 100};
        double[] short_ = {0.4, 0.4, 0.4, 0.1, 0.2, 0.3, 0.4};
        int[] at = new int[2];
        List<Runnable> pieces = List.of(
                () -> {
                    order.add("long");
                    pass(long_[at[0]++]);
                },
                () -> {
                    order.add("short");
                    pass(short_[at[1]++]);
                });
        double[] medians = new Stopwatch(nanos::get).medians(pieces, 4);
        assertThat(medians[0]).isCloseTo(2.5, within(1e-6)); // not 9, which was the first
        assertThat(medians[1]).isCloseTo(0.25, within(1e-6)); // three until a second was over
        assertThat(String.join(" ", order))
                .isEqualTo("long short short short long short long short long short long short");
    }

    @Test
    void speedOfPredictionsAndWhatRestsOnIt() {
        ImageSize image = new ImageSize(24, 32);
        try (Lotus lotus = Lotus.builder().nanoDepth().build()) {
            PlannedSetting small = PlannedSetting.of(lotus, Setting.at(Predicted.DEPTH, 16), image, 0);
            PlannedSetting large = PlannedSetting.of(lotus, Setting.at(Predicted.DEPTH, 64), image, 0);
            Speed truth = new Speed(0.5, 1e9);
            Calibration calibration = Calibration.measure(
                    lotus,
                    Predicted.DEPTH,
                    image,
                    new Calibration.Sizes(List.of(16, 64), List.of(32), 3),
                    told -> pass(seconds(truth, lotus, image, told)),
                    nanos::get);
            assertThat(calibration.speed().overhead()).isCloseTo(0.5, withinPercentage(1e-3));
            assertThat(calibration.speed().throughput()).isCloseTo(1e9, withinPercentage(1e-3));
            assertThat(calibration.fitted())
                    .extracting(each -> each.size().toString())
                    .containsExactly("12×16", "48×64");
            Measurement check = calibration.checks().getFirst();
            assertThat(check.seconds()).isCloseTo(2 * calibration.formula(check), withinPercentage(1e-3));
            assertThat(basis(calibration, small)).isEqualTo("measured");
            assertThat(basis(calibration, large)).isEqualTo("measured");
            PlannedSetting same = PlannedSetting.of(lotus, new Setting(Predicted.DEPTH, 0, 0, 1), image, 0);
            assertThat(basis(calibration, same)).isEqualTo("measured"); // 32 is the image's own size
            assertThat(calibration.seconds(same)).isEqualTo(check.seconds());
            PlannedSetting between = PlannedSetting.of(lotus, Setting.at(Predicted.DEPTH, 40), image, 0);
            assertThat(basis(calibration, between)).isEqualTo("interpolated");
            assertThat(calibration.seconds(between))
                    .isCloseTo(0.5 + between.plan().work() / 1e9, withinPercentage(1e-3));
            PlannedSetting beyond = PlannedSetting.of(lotus, Setting.at(Predicted.DEPTH, 96), image, 0);
            assertThat(basis(calibration, beyond)).isEqualTo("extrapolated");
            assertThat(basis(Calibration.given(truth), small)).isEqualTo("calculated");
        }
    }

    /** What was told, "measuring at 16", takes as long as the truth says; what is only checked twice as long. */
    private static double seconds(Speed truth, Lotus lotus, ImageSize image, String told) {
        Setting setting = Setting.at(Predicted.DEPTH, Integer.parseInt(told.substring(told.lastIndexOf(' ') + 1)));
        double seconds = truth.seconds(
                setting,
                lotus.plan(image.width(), image.height(), setting.options()).work());
        return setting.resolution() == 32 ? 2 * seconds : seconds;
    }

    private static String basis(Calibration calibration, PlannedSetting of) {
        return calibration.basis(of).toString();
    }

    @ParameterizedTest
    @CsvSource({"1080x1920, 1080, 1920", "7X5, 7, 5", "1×715827882, 1, 715827882"})
    void sizesAreHeightByWidth(String text, int height, int width) {
        assertThat(ImageSize.of(text)).isEqualTo(new ImageSize(height, width));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10",
                "0x5",
                "5x0",
                "-1x5",
                "1x715827883",
                "999999999x999999999",
                "9999999999x1",
                "1x2x3",
                " 1x2"
            })
    void otherSizesAreNamed(String text) {
        assertThatThrownBy(() -> ImageSize.of(text))
                .hasMessageContaining("found " + text)
                .hasMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({"0.12345, 0.123", "12345, '12,300'", "1.5, 1.5", "0, 0", "1e9, '1,000,000,000'", "0.00001234, 0.0000123"
    })
    void threeDigitsCount(double value, String text) {
        assertThat(Figures.grouped(value)).isEqualTo(text);
    }
}
