package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Surfaces whose depth is known, from their exact normals. */
class NormalIntegrationTest {
    private static final int WIDTH = 120;
    private static final int HEIGHT = 90;
    private static final Camera CAMERA = new Camera(WIDTH, HEIGHT, 110, 120, 55, 48);

    /** A shape seen by {@link #CAMERA}: depth and normals in OpenCV's axes; depth 0 where a ray meets nothing. */
    private static final class Shape {
        final double[] depth = new double[WIDTH * HEIGHT];
        final float[] normals = new float[3 * WIDTH * HEIGHT];
        final boolean[] mask = new boolean[WIDTH * HEIGHT];

        static double rayX(int i) {
            return (i % WIDTH + 0.5 - CAMERA.cx()) / CAMERA.fx();
        }

        static double rayY(int i) {
            int row = i / WIDTH;
            return (row + 0.5 - CAMERA.cy()) / CAMERA.fy();
        }

        void set(int i, double z, double nx, double ny, double nz) {
            double length = Math.sqrt(nx * nx + ny * ny + nz * nz);
            depth[i] = z;
            mask[i] = true;
            normals[3 * i] = (float) (nx / length);
            normals[3 * i + 1] = (float) (ny / length);
            normals[3 * i + 2] = (float) (nz / length);
        }

        /** Around (0.1, -0.05, 4), of radius 1.2. */
        Shape sphere() {
            for (int i = 0; i < depth.length; i++) {
                double x = rayX(i);
                double y = rayY(i);
                double a = x * x + y * y + 1;
                double b = 0.1 * x - 0.05 * y + 4;
                double c = 0.01 + 0.0025 + 16 - 1.44;
                double discriminant = b * b - a * c;
                if (discriminant > 0) {
                    double z = (b - Math.sqrt(discriminant)) / a;
                    set(i, z, z * x - 0.1, z * y + 0.05, z - 4);
                }
            }
            return this;
        }

        /** A ridge toward the camera, its sides falling away; all pixels. Z = 3 + 0.7 |X| + 0.3 Y. */
        Shape roof() {
            for (int i = 0; i < depth.length; i++) {
                double side = Math.signum(rayX(i));
                set(i, 3 / (1 - 0.7 * side * rayX(i) - 0.3 * rayY(i)), 0.7 * side, 0.3, -1);
            }
            return this;
        }

        /** Z = 8 + 0.4 X. */
        Shape wall() {
            for (int i = 0; i < depth.length; i++) {
                set(i, 8 / (1 - 0.4 * rayX(i)), 0.4, 0, -1);
            }
            return this;
        }

        NormalMap normalMap() {
            float[] whole = normals.clone();
            for (int i = 0; i < mask.length; i++) {
                if (!mask[i]) {
                    whole[3 * i + 2] = -1;
                }
            }
            return NormalMap.of(WIDTH, HEIGHT, whole, NormalAxes.OPENCV);
        }
    }

    /** Mean relative difference within a part, the scale of the part put right. */
    private static double error(float[] metres, double[] truth, boolean[] part) {
        double logarithms = 0;
        int count = 0;
        for (int i = 0; i < part.length; i++) {
            if (part[i]) {
                logarithms += Math.log(metres[i] / truth[i]);
                count++;
            }
        }
        double scale = Math.exp(logarithms / count);
        double sum = 0;
        for (int i = 0; i < part.length; i++) {
            if (part[i]) {
                sum += Math.abs(metres[i] / scale / truth[i] - 1);
            }
        }
        return sum / count;
    }

    @Test
    void sphereIsRound() {
        Shape sphere = new Shape().sphere();
        MetricDepthMap depth = NormalIntegration.perspective(sphere.normalMap(), CAMERA, sphere.mask, 3);
        assertThat(error(depth.toArray(), sphere.depth, sphere.mask)).isLessThan(0.005);
        double mean = 0;
        int count = 0;
        for (float metres : depth.toArray()) {
            if (metres > 0) {
                mean += Math.log(metres);
                count++;
            }
        }
        assertThat(Math.exp(mean / count)).isCloseTo(3, within(1e-5));
        assertThat(depth.at(0, 0)).isNaN();
    }

    @Test
    void roofIsFlatOnBothSides() {
        Shape roof = new Shape().roof();
        MetricDepthMap depth = NormalIntegration.perspective(roof.normalMap(), CAMERA.resized(60, 45), 5);
        assertThat(error(depth.toArray(), roof.depth, roof.mask)).isLessThan(0.001);
    }

    /** What is before something else keeps its shape, and so does what is behind: the step between them is not smeared. */
    @Test
    void stepIsNotSmeared() {
        Shape wall = new Shape().wall();
        Shape sphere = new Shape().sphere();
        boolean[] behind = wall.mask.clone();
        for (int i = 0; i < behind.length; i++) {
            if (sphere.mask[i]) {
                behind[i] = false;
                wall.set(
                        i,
                        sphere.depth[i],
                        sphere.normals[3 * i],
                        sphere.normals[3 * i + 1],
                        sphere.normals[3 * i + 2]);
            }
        }
        float[] metres =
                NormalIntegration.perspective(wall.normalMap(), CAMERA, 5).toArray();
        assertThat(error(metres, wall.depth, sphere.mask)).isLessThan(0.01);
        assertThat(error(metres, wall.depth, behind)).isLessThan(0.01);
    }

    /** A bump of a cosine, 20 pixels high: z = -10 (1 + cos x)(1 + cos y) / 2, in pixels. */
    @Test
    void orthographicSurfaceIsInPixels() {
        float[] normals = new float[3 * WIDTH * HEIGHT];
        double[] truth = new double[WIDTH * HEIGHT];
        boolean[] mask = new boolean[WIDTH * HEIGHT];
        double mean = 0;
        for (int i = 0; i < truth.length; i++) {
            int row = i / WIDTH;
            double x = (i % WIDTH - 60) * Math.PI / 60;
            double y = (row - 45) * Math.PI / 45;
            truth[i] = -5 * (1 + Math.cos(x)) * (1 + Math.cos(y));
            double dx = 5 * Math.sin(x) * (1 + Math.cos(y)) * Math.PI / 60;
            double dy = 5 * (1 + Math.cos(x)) * Math.sin(y) * Math.PI / 45;
            double length = Math.sqrt(dx * dx + dy * dy + 1);
            normals[3 * i] = (float) (dx / length);
            normals[3 * i + 1] = (float) (dy / length);
            normals[3 * i + 2] = (float) (-1 / length);
            mask[i] = i % WIDTH != 59; // cut in two
        }
        float[] depth = NormalIntegration.orthographic(NormalMap.of(WIDTH, HEIGHT, normals, NormalAxes.OPENCV), mask);
        for (int i = 0; i < truth.length; i++) {
            mean += i % WIDTH < 59 ? truth[i] / 59 / HEIGHT : 0;
        }
        double worst = 0;
        for (int i = 0; i < truth.length; i++) {
            if (i % WIDTH < 59) {
                worst = Math.max(worst, Math.abs(depth[i] - truth[i] + mean));
            }
        }
        assertThat(worst).isLessThan(0.2);
        assertThat(depth[59]).isNaN();
    }

    /** Depth that is right on the whole and rough in detail becomes smooth, and stays where it was. */
    @Test
    void normalsGiveDepthItsDetails() {
        Shape roof = new Shape().roof();
        Random random = new Random(3);
        float[] rough = new float[roof.depth.length];
        for (int i = 0; i < rough.length; i++) {
            rough[i] = (float) (roof.depth[i] * (1 + 0.05 * random.nextGaussian()));
        }
        rough[77] = Float.NaN;
        MetricDepthMap depth = MetricDepthMap.of(WIDTH, HEIGHT, rough);
        float[] refined =
                NormalIntegration.refine(depth, roof.normalMap(), CAMERA, 20).toArray();
        double before = 0;
        double after = 0;
        for (int i = 0; i < rough.length; i++) {
            if (i != 77) {
                before += Math.abs(rough[i] / roof.depth[i] - 1) / (rough.length - 1);
                after += Math.abs(refined[i] / roof.depth[i] - 1) / (rough.length - 1);
            }
        }
        assertThat(after).isLessThan(before / 8);
        assertThat(refined[77]).isNaN();
    }

    @Test
    void whatDoesNotFitIsNamed() {
        NormalMap normals = new Shape().roof().normalMap();
        assertThatThrownBy(() -> NormalIntegration.perspective(normals, CAMERA, new boolean[5], 1))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("5 pixels", "120×90");
        assertThatThrownBy(() -> NormalIntegration.perspective(normals, CAMERA, 0))
                .isInstanceOf(LotusException.class);
        MetricDepthMap small = MetricDepthMap.of(1, 1, new float[] {1});
        assertThatThrownBy(() -> NormalIntegration.refine(small, normals, CAMERA, 1))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("120×90", "1×1");
        NormalMap one = NormalMap.of(1, 1, new float[] {0, 0, 1}, NormalAxes.DSINE);
        assertThatThrownBy(() -> NormalIntegration.refine(small, one, CAMERA, -1))
                .isInstanceOf(LotusException.class);
        assertThat(NormalIntegration.refine(small, one, CAMERA, 1).at(0, 0)).isEqualTo(1);
    }
}
