package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proportions of scenes whose relative depth and normals are known. */
class NormalAlignmentTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void trueNormalsGiveTrueProportions(int scene) throws IOException {
        Golden golden = Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
        int height = golden.get("depth_m").shape()[0];
        int width = golden.get("depth_m").shape()[1];
        MetricDepthMap truth =
                MetricDepthMap.of(width, height, golden.get("depth_m").data()).within(0, 25);
        NormalMap normals = NormalMap.of(width, height, golden.get("normals").data(), NormalAxes.DSINE);
        Camera camera = new Camera(
                width,
                height,
                Double.parseDouble(golden.run("fx")),
                Double.parseDouble(golden.run("fy")),
                width / 2.0,
                height / 2.0);
        float nearest = nearest(truth);
        for (DepthKind kind : DepthKind.values()) {
            float[] found = NormalAlignment.align(truth.toRelative(kind), normals, camera, nearest, 2)
                    .toArray();
            for (int i = 0; i < found.length; i++) {
                float expected = truth.at(i % width, Math.floorDiv(i, width));
                if (expected > 0) {
                    assertThat(found[i]).as("%s, pixel %d", kind, i).isCloseTo(expected, within(0.01f * expected));
                }
            }
        }
    }

    /** What the miniature predicts of rooms is nearer to their shape than an assumption is; the field happens to be as assumed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7})
    void predictedNormalsAreBetterThanAnAssumption(int scene) throws IOException {
        Golden golden = Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
        int height = golden.get("depth_m").shape()[0];
        int width = golden.get("depth_m").shape()[1];
        MetricDepthMap truth =
                MetricDepthMap.of(width, height, golden.get("depth_m").data());
        DepthMap disparity =
                DepthMap.of(width, height, golden.get("reference_disparity").data(), DepthKind.AFFINE_DISPARITY);
        float[] vectors = golden.get("reference_normal_image").data().clone();
        for (int i = 0; i < vectors.length; i += 3) {
            double x = 2.0 * vectors[i] - 1;
            double y = 2.0 * vectors[i + 1] - 1;
            double z = 2.0 * vectors[i + 2] - 1;
            double length = Math.sqrt(x * x + y * y + z * z);
            vectors[i] = (float) (x / length);
            vectors[i + 1] = (float) (y / length);
            vectors[i + 2] = (float) (z / length);
        }
        NormalMap normals = NormalMap.of(width, height, vectors, NormalAxes.DSINE);
        Camera assumed = Camera.ofHorizontalFieldOfView(width, height, Camera.DEFAULT_FIELD_OF_VIEW);
        double aligned = error(NormalAlignment.align(disparity, normals, assumed, 1, 10), truth);
        assertThat(aligned)
                .isLessThan(0.6 * error(disparity.spanning(1, 10), truth))
                .isLessThan(0.16);
    }

    private static float nearest(MetricDepthMap map) {
        float nearest = Float.POSITIVE_INFINITY;
        for (float metres : map.toArray()) {
            nearest = metres > 0 ? Math.min(nearest, metres) : nearest;
        }
        return nearest;
    }

    /** Mean relative difference, the scale put right. */
    private static double error(MetricDepthMap map, MetricDepthMap truth) {
        float[] found = map.toArray();
        float[] expected = truth.toArray();
        double logarithms = 0;
        for (int i = 0; i < found.length; i++) {
            logarithms += Math.log((double) found[i] / expected[i]) / found.length;
        }
        double sum = 0;
        for (int i = 0; i < found.length; i++) {
            sum += Math.abs(found[i] / Math.exp(logarithms) / expected[i] - 1) / found.length;
        }
        return sum;
    }

    /** Normals that say nothing, and those that contradict. */
    @ParameterizedTest
    @EnumSource(DepthKind.class)
    void assumptionHoldsWhereNormalsSayNothing(DepthKind kind) {
        int size = 16;
        float[] values = new float[size * size];
        float[] facing = new float[3 * values.length];
        float[] contrary = new float[3 * values.length];
        double steep = kind == DepthKind.AFFINE_DEPTH ? 0.8 : -0.8; // away from what is farther
        for (int i = 0; i < values.length; i++) {
            values[i] = i % size / 15f;
            facing[3 * i + 2] = 1;
            contrary[3 * i] = (float) steep;
            contrary[3 * i + 2] = 0.6f;
        }
        DepthMap map = DepthMap.of(size, size, values, kind);
        Camera camera = Camera.ofHorizontalFieldOfView(size, size, 60);
        for (float[] vectors : new float[][] {facing, contrary}) {
            NormalMap normals = NormalMap.of(size, size, vectors, NormalAxes.DSINE);
            assertThat(NormalAlignment.align(map, normals, camera, 2, 4).toArray())
                    .containsExactly(map.spanning(2, 8).toArray());
        }
        NormalMap other = NormalMap.of(1, 1, new float[] {0, 0, 1}, NormalAxes.DSINE);
        assertThatThrownBy(() -> NormalAlignment.align(map, other, camera, 1, 10))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("1×1", "16×16");
        NormalMap good = NormalMap.of(size, size, facing, NormalAxes.DSINE);
        for (double[] range : new double[][] {{0, 10}, {1, 1}, {1, Double.NaN}, {1, Double.POSITIVE_INFINITY}}) {
            assertThatThrownBy(() -> NormalAlignment.align(map, good, camera, range[0], range[1]))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(range[0] + " m", "ratio of " + range[1]);
        }
    }
}
