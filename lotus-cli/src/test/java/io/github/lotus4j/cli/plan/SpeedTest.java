package io.github.lotus4j.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The formula. */
class SpeedTest {
    private static final ImageSize ANY = new ImageSize(10, 10);
    private static final Setting DEPTH = Setting.at(Predicted.DEPTH, 10);

    private static Measurement measured(Setting setting, double work, double seconds) {
        return new Measurement(setting, ANY, (long) work, seconds);
    }

    private static double error(Speed speed, List<Measurement> measured) {
        return measured.stream()
                .mapToDouble(each -> Math.pow(speed.seconds(each.setting(), each.work()) / each.seconds() - 1, 2))
                .sum();
    }

    @Test
    void twoAreMetAndAThirdFollows() {
        Speed speed = Speed.fit(List.of(measured(DEPTH, 300e9, 1.5), measured(DEPTH, 3_000e9, 10.5)));
        assertThat(speed.overhead()).isCloseTo(0.5, withinPercentage(1e-6));
        assertThat(speed.throughput()).isCloseTo(300e9, withinPercentage(1e-6));
        assertThat(speed.seconds(DEPTH, 1_200_000_000_000L)).isCloseTo(4.5, withinPercentage(1e-6));
    }

    @Test
    void eachMapAndMemberIsAPass() {
        Speed speed = new Speed(0.5, 100e9);
        assertThat(speed.seconds(DEPTH, 200_000_000_000L)).isEqualTo(2.5);
        assertThat(speed.seconds(new Setting(Predicted.NORMAL, 0, 512, 8), 200_000_000_000L))
                .isEqualTo(6);
        assertThat(speed.seconds(new Setting(Predicted.GEOMETRY, 0, 0, 8), 200_000_000_000L))
                .isEqualTo(10);
        Setting both = Setting.at(Predicted.GEOMETRY, 10);
        Speed same = Speed.fit(List.of(measured(both, 100e9, 2), measured(both, 300e9, 4)));
        assertThat(same.overhead()).isCloseTo(0.5, withinPercentage(1e-6));
    }

    @Test
    void ofMoreTheRelativeErrorsAreLeast() {
        List<Measurement> measured =
                List.of(measured(DEPTH, 100e9, 0.9), measured(DEPTH, 400e9, 2.6), measured(DEPTH, 1_600e9, 8.0));
        Speed best = Speed.fit(measured);
        double least = error(best, measured);
        assertThat(least).isPositive();
        for (double factor : new double[] {0.999, 1.001}) {
            assertThat(error(new Speed(best.overhead() * factor, best.throughput()), measured))
                    .isGreaterThan(least);
            assertThat(error(new Speed(best.overhead(), best.throughput() * factor), measured))
                    .isGreaterThan(least);
        }
    }

    @Test
    void overheadIsNotNegative() {
        List<Measurement> measured = List.of(measured(DEPTH, 100e9, 1), measured(DEPTH, 400e9, 5));
        Speed best = Speed.fit(measured);
        assertThat(best.overhead()).isZero();
        double least = error(best, measured);
        assertThat(error(new Speed(0, best.throughput() * 0.999), measured)).isGreaterThan(least);
        assertThat(error(new Speed(0, best.throughput() * 1.001), measured)).isGreaterThan(least);
    }

    @Test
    void moreWorkMustTakeLonger() {
        assertThatThrownBy(() -> Speed.fit(List.of(measured(DEPTH, 100e9, 2), measured(DEPTH, 400e9, 2))))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("2.00 s for 10×10", "expected that more work takes longer");
        assertThatThrownBy(() -> Speed.fit(List.of(measured(DEPTH, 100e9, 2), measured(DEPTH, 400e9, 1))))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> Speed.fit(List.of(measured(DEPTH, 100e9, 2), measured(DEPTH, 100e9, 3))))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new Speed(-1, 1)).hasMessageContaining("-1.0 seconds");
        assertThatThrownBy(() -> new Speed(0, Double.NaN)).hasMessageContaining("NaN multiply-adds");
    }
}
