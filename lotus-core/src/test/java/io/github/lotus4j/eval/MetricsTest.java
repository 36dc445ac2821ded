package io.github.lotus4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the paper's own evaluation code. */
class MetricsTest {
    private static JsonNode expected(String name) throws IOException {
        try (InputStream in = MetricsTest.class.getResourceAsStream("/golden/metrics.json")) {
            return new ObjectMapper().readTree(in).get(name);
        }
    }

    private static boolean[] mask(Golden golden, String name) {
        float[] values = golden.get(name + "/mask").data();
        boolean[] mask = new boolean[values.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = values[i] > 0;
        }
        return mask;
    }

    private static void assertSame(double actual, JsonNode expected, String key) {
        assertThat(actual).as(key).isCloseTo(expected.get(key).doubleValue(), withinPercentage(1e-3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"least_square.0", "least_square.1", "least_square_disparity.0", "least_square_disparity.1"})
    void depth(String name) throws IOException {
        Golden golden = Golden.open("metrics");
        JsonNode expected = expected(name);
        float[] prediction = golden.get(name + "/prediction").data();
        float[] truth = golden.get(name + "/ground_truth").data();
        int width = golden.get(name + "/ground_truth").shape()[1];
        boolean[] valid = mask(golden, name);
        double min = expected.get("min_depth").doubleValue();
        double max = expected.get("max_depth").doubleValue();
        JsonNode thinned = expected.get("alignment_max_res");
        OptionalInt maxResolution = thinned.isNull() ? OptionalInt.empty() : OptionalInt.of(thinned.intValue());
        float[] aligned;
        if (name.contains("disparity")) {
            aligned = Alignment.alignDisparity(prediction, truth, valid, width, min, max, maxResolution);
        } else {
            aligned = Alignment.alignDepth(prediction, truth, valid, width, min, max, maxResolution);
            Alignment alignment = Alignment.leastSquares(prediction, truth, valid, width, maxResolution);
            assertSame(alignment.scale(), expected, "scale");
            assertSame(alignment.shift(), expected, "shift");
        }
        assertThat(aligned)
                .containsExactly(golden.get(name + "/aligned").data(), org.assertj.core.api.Assertions.within(1e-5f));
        DepthMetrics metrics = DepthMetrics.of(aligned, truth, valid);
        assertSame(metrics.absRel(), expected, "abs_relative_difference");
        assertSame(metrics.sqRel(), expected, "squared_relative_difference");
        assertSame(metrics.rmse(), expected, "rmse_linear");
        assertSame(metrics.rmseLog(), expected, "rmse_log");
        assertSame(metrics.log10(), expected, "log10");
        assertSame(metrics.delta1(), expected, "delta1_acc");
        assertSame(metrics.delta2(), expected, "delta2_acc");
        assertSame(metrics.delta3(), expected, "delta3_acc");
        assertSame(metrics.inverseRmse(), expected, "i_rmse");
        assertSame(metrics.silog(), expected, "silog_rmse");
    }

    /** The first three are 1/depth; what is not positive is not fitted to, and becomes the smallest disparity, a kilometre. */
    @Test
    void disparityIsFittedWhereItIsPositive() {
        float[] prediction = {1, 0.5f, 0.25f, 0, -1};
        float[] truth = {1, 2, 4, 8, 3};
        boolean[] valid = {true, true, true, true, true};
        assertThat(Alignment.alignDisparity(prediction, truth, valid, 5, 0.1, 1e6, OptionalInt.empty()))
                .containsExactly(new float[] {1, 2, 4, 1000, 1000}, org.assertj.core.api.Assertions.within(1e-3f));
    }

    /** The logarithms' variance is 0, and, as it is rounded, now and then less. */
    @Test
    void depthOfAConstantRatioHasASilogOfZero() {
        Random random = new Random(1);
        for (int sample = 0; sample < 200; sample++) {
            float[] truth = new float[7];
            float[] depth = new float[7];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = 1 + 9 * random.nextFloat();
                depth[i] = truth[i] * (1 << sample % 5);
            }
            boolean[] valid = new boolean[7];
            Arrays.fill(valid, true);
            assertThat(DepthMetrics.of(depth, truth, valid).silog()).isBetween(0.0, 1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"normals.0", "normals.1"})
    void normals(String name) throws IOException {
        Golden golden = Golden.open("metrics");
        JsonNode expected = expected(name);
        NormalMetrics metrics = NormalMetrics.of(
                golden.get(name + "/prediction").data(),
                golden.get(name + "/ground_truth").data(),
                mask(golden, name));
        assertSame(metrics.mean(), expected, "mean");
        assertSame(metrics.median(), expected, "median");
        assertSame(metrics.rmse(), expected, "rmse");
        assertSame(metrics.below5(), expected, "a1");
        assertSame(metrics.below7(), expected, "a2");
        assertSame(metrics.below11(), expected, "a3");
        assertSame(metrics.below22(), expected, "a4");
        assertSame(metrics.below30(), expected, "a5");
    }

    @Test
    void knownScaleAndShiftAreFound() {
        float[] prediction = {0, 0.25f, 0.5f, 1};
        float[] truth = {3, 4, 5, 100};
        Alignment alignment = Alignment.leastSquares(
                prediction, truth, new boolean[] {true, true, true, false}, 2, OptionalInt.empty());
        assertThat(alignment).isEqualTo(new Alignment(4, 3));
        assertThat(Alignment.leastSquares(
                        new float[] {1, 1}, new float[] {2, 4}, new boolean[] {true, true}, 2, OptionalInt.empty()))
                .isEqualTo(new Alignment(0, 3));
    }

    @Test
    void nothingValidIsAnError() {
        float[] one = {1};
        boolean[] none = {false};
        assertThatThrownBy(() -> Alignment.leastSquares(one, one, none, 1, OptionalInt.empty()))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no pixel is valid");
        assertThatThrownBy(() -> DepthMetrics.of(one, one, none)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> NormalMetrics.of(new float[3], new float[3], none))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> Alignment.leastSquares(one, new float[2], none, 1, OptionalInt.empty()))
                .isInstanceOf(LotusException.class);
    }
}
