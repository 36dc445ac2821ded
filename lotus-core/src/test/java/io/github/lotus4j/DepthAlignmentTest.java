package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.eval.DepthMetrics;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From relative values to metres by known depths. */
class DepthAlignmentTest {
    private static final int WIDTH = 8;
    private static final int HEIGHT = 5;

    /** 0, 1/39, …, 1. */
    private static DepthMap ramp(DepthKind kind) {
        float[] values = new float[WIDTH * HEIGHT];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 39f;
        }
        return DepthMap.of(WIDTH, HEIGHT, values, kind);
    }

    /** Depth 2 · value + 1.5, or 1 / (0.4 · value + 0.1). */
    private static double metres(DepthKind kind, double value) {
        return kind == DepthKind.AFFINE_DEPTH ? 2 * value + 1.5 : 1 / (0.4 * value + 0.1);
    }

    private static List<DepthSample> samples(DepthMap map) {
        List<DepthSample> samples = new ArrayList<>();
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            samples.add(new DepthSample(x, y, metres(map.kind(), map.at(x, y))));
        }
        return samples;
    }

    /** Samples of one wall lie on the line by themselves: the others are outliers only where they are far from it. */
    @ParameterizedTest
    @ValueSource(ints = {5, 10, 20, 100})
    void mostSamplesMayBeOfOneValue(int wall) {
        float[] values = new float[wall + 5];
        double[] metres = new double[wall + 5];
        Arrays.fill(values, 0.5f);
        Arrays.fill(metres, 3);
        float[] others = {0.2f, 0.8f, 0.35f, 0.7f, 0.9f};
        double[] theirs = {1.81, 4.22, 2.42, 3.79, 40};
        System.arraycopy(others, 0, values, wall, 5);
        System.arraycopy(theirs, 0, metres, wall, 5);
        DepthAlignment fit = robust(values, metres);
        assertThat(fit.samples()).isEqualTo(wall + 4);
        assertThat(fit.outliers()).isEqualTo(1);
        assertThat(fit.line().scale()).isCloseTo(4, within(0.05));
    }

    private static DepthAlignment robust(float[] values, double... metres) {
        List<DepthSample> samples = new ArrayList<>();
        for (int x = 0; x < values.length; x++) {
            samples.add(new DepthSample(x, 0, metres[x]));
        }
        return DepthMap.of(values.length, 1, values, DepthKind.AFFINE_DEPTH).alignRobustlyTo(samples);
    }

    /** Of so many samples some are compared, here such as are alike. */
    @Test
    void samplesOfOneValueButForAnOutlierCannotBeFitted() {
        float[] values = new float[2001];
        double[] metres = new double[values.length];
        Arrays.fill(values, 0.5f);
        Arrays.setAll(metres, x -> 2 + x % 2 * 0.001);
        values[1] = 0.7f;
        metres[1] = 1;
        assertThatThrownBy(() -> robust(values, metres))
                .isInstanceOf(LotusException.class)
                .hasMessage(
                        "alignment: found 1000 samples where the map has one value, expected at least two that differ");
    }

    @ParameterizedTest
    @EnumSource(DepthKind.class)
    void exactSamplesGiveExactMetres(DepthKind kind) {
        DepthMap map = ramp(kind);
        for (DepthAlignment fit : List.of(map.alignTo(samples(map)), map.alignRobustlyTo(samples(map)))) {
            assertThat(fit.samples()).isEqualTo(WIDTH * HEIGHT);
            assertThat(fit.outliers()).isZero();
            assertThat(fit.residual()).isLessThan(1e-6);
            assertThat(fit.absRel()).isLessThan(1e-6);
            MetricDepthMap metric = map.toMetric(fit);
            assertThat(metric.at(3, 2)).isCloseTo((float) metres(kind, 19 / 39.0), within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource(DepthKind.class)
    void robustFitLeavesOutliersOut(DepthKind kind) {
        DepthMap map = ramp(kind);
        List<DepthSample> samples = samples(map);
        for (int i = 0; i < 17; i++) { // of 40, all to the same side
            DepthSample good = samples.get(2 * i);
            samples.set(2 * i, new DepthSample(good.x(), good.y(), good.metres() * (3 + i % 4)));
        }
        DepthAlignment robust = map.alignRobustlyTo(samples);
        assertThat(robust.outliers()).isEqualTo(17);
        assertThat(robust.samples()).isEqualTo(23);
        assertThat(robust.absRel()).isLessThan(1e-5);
        assertThat(map.toMetric(robust).at(0, 0)).isCloseTo((float) metres(kind, 0), within(1e-4f));
        assertThat(map.alignTo(samples).absRel()).isGreaterThan(0.1);
    }

    @Test
    void residualIsInTheSpaceOfTheFit() {
        DepthMap map = DepthMap.of(4, 1, new float[] {0, 0, 1, 1}, DepthKind.AFFINE_DISPARITY);
        List<DepthSample> samples = List.of(
                new DepthSample(0, 0, 1 / 0.3),
                new DepthSample(1, 0, 1 / 0.1),
                new DepthSample(2, 0, 1 / 0.5),
                new DepthSample(3, 0, 1 / 0.7));
        DepthAlignment fit = map.alignTo(samples);
        assertThat(fit.line().scale()).isCloseTo(0.4, within(1e-6));
        assertThat(fit.line().shift()).isCloseTo(0.2, within(1e-6));
        assertThat(fit.residual()).isCloseTo(0.1, within(1e-6));
        assertThat(fit.absRel()).isCloseTo((0.5 + 0.5 + 1 / 6.0 + 1 / 6.0) / 4, within(1e-6));
    }

    @Test
    void whatLiesAtInfinityIsUnknown() {
        DepthMap map = DepthMap.of(3, 1, new float[] {0, 0.5f, 1}, DepthKind.AFFINE_DISPARITY);
        MetricDepthMap metric = map.toMetric(map.alignTo(List.of(new DepthSample(1, 0, 10), new DepthSample(2, 0, 2))));
        assertThat(metric.at(0, 0)).isNaN();
        assertThat(metric.at(1, 0)).isCloseTo(10, within(1e-4f));
        assertThat(metric.within(1, 5).toArray()).containsExactly(Float.NaN, Float.NaN, metric.at(2, 0));
        for (double[] range : new double[][] {{5, 1}, {-1, 5}, {1, Double.NaN}}) {
            assertThatThrownBy(() -> metric.within(range[0], range[1]))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(range[0] + " m", range[1] + " m");
        }
        assertThat(metric.toRelative(DepthKind.AFFINE_DISPARITY).toArray()).containsExactly(0, 0, 1);
        assertThat(metric.toRelative(DepthKind.AFFINE_DEPTH).toArray()).containsExactly(1, 1, 0);
    }

    @ParameterizedTest
    @EnumSource(DepthKind.class)
    void oneKindBecomesTheOtherByWayOfMetres(DepthKind kind) {
        DepthMap map = ramp(kind);
        MetricDepthMap assumed = map.spanning(2, 8);
        boolean depth = kind == DepthKind.AFFINE_DEPTH;
        DepthKind other = depth ? DepthKind.AFFINE_DISPARITY : DepthKind.AFFINE_DEPTH;
        assertThat(assumed.at(0, 0)).isCloseTo(depth ? 2 : 8, within(1e-5f));
        assertThat(assumed.at(WIDTH - 1, HEIGHT - 1)).isCloseTo(depth ? 8 : 2, within(1e-5f));
        float[] back = assumed.toRelative(other).spanning(2, 8).toRelative(kind).toArray();
        for (int i = 0; i < back.length; i++) {
            assertThat(back[i]).isCloseTo(map.toArray()[i], within(1e-5f));
        }
        assertThatThrownBy(() -> map.toMetric(assumed.toRelative(other).alignTo(samplesOf(assumed))))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll(kind.toString(), other.toString());
    }

    private static List<DepthSample> samplesOf(MetricDepthMap map) {
        return List.of(new DepthSample(0, 0, map.at(0, 0)), new DepthSample(7, 4, map.at(7, 4)));
    }

    @Test
    void samplesThatCannotBeFittedAreNamed() {
        DepthMap map = ramp(DepthKind.AFFINE_DEPTH);
        assertThatThrownBy(() -> new DepthSample(0, 0, -1)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new DepthSample(0, 0, Double.NaN)).isInstanceOf(LotusException.class);
        assertFails(map, "8×5", new DepthSample(8, 0, 1), new DepthSample(0, 0, 1));
        assertFails(map, "expected at least two", new DepthSample(1, 0, 1));
        assertFails(map, "expected at least two", new DepthSample(1, 0, 1), new DepthSample(1, 0, 2));
        assertFails(map, "expected at least two");
        assertFails(map, "run against the map", new DepthSample(0, 0, 3), new DepthSample(7, 4, 1));
        assertThatThrownBy(() -> map.spanning(3, 2)).hasMessageContaining("3.0 m to 2.0 m");
        assertThatThrownBy(() -> DepthMap.of(1, 1, new float[] {Float.NaN}, DepthKind.AFFINE_DEPTH))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> MetricDepthMap.of(65536, 65536, new float[0])).isInstanceOf(LotusException.class);
    }

    private static void assertFails(DepthMap map, String message, DepthSample... samples) {
        assertThatThrownBy(() -> map.alignTo(List.of(samples)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> map.alignRobustlyTo(List.of(samples))).isInstanceOf(LotusException.class);
    }

    /** All valid pixels give what the miniature's card says, as its evaluation clips; two hundred are about as good. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void scenesAreAsFarOffAsTheirDepth(int scene) throws IOException {
        Golden golden = Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
        float[] truth = golden.get("depth_m").data();
        int width = golden.get("depth_m").shape()[1];
        boolean[] valid = new boolean[truth.length];
        List<DepthSample> all = new ArrayList<>();
        for (int i = 0; i < truth.length; i++) {
            valid[i] = golden.get("valid").data()[i] > 0;
            if (valid[i]) {
                all.add(new DepthSample(i % width, i / width, truth[i]));
            }
        }
        DepthMap map = DepthMap.of(
                width, truth.length / width, golden.get("reference_disparity").data(), DepthKind.AFFINE_DISPARITY);
        double card = Double.parseDouble(Files.readAllLines(Path.of("..", "lotus-nano", "README.md")).stream()
                .filter(line -> line.startsWith("| " + scene + " |"))
                .findFirst()
                .orElseThrow()
                .split(" *\\| *", -1)[4]);
        assertThat(absRel(map, map.alignTo(all), truth, valid)).isCloseTo(card, within(6e-5));
        List<DepthSample> few = new ArrayList<>();
        for (int i = 0; i < all.size(); i += all.size() / 200) {
            few.add(all.get(i));
        }
        double error = absRel(map, map.alignRobustlyTo(few), truth, valid);
        assertThat(error).isLessThan(1.1 * card);
    }

    private static double absRel(DepthMap map, DepthAlignment fit, float[] truth, boolean[] valid) {
        float[] metres = map.toMetric(fit).toArray();
        for (int i = 0; i < metres.length; i++) {
            metres[i] = metres[i] < 40 ? metres[i] : 40;
        }
        return DepthMetrics.of(metres, truth, valid).absRel();
    }
}
