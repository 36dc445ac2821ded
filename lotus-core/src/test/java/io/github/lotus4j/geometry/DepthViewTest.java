package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.DepthSample;
import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Points and triangles from depth. */
class DepthViewTest {
    private static final Camera CAMERA = new Camera(4, 2, 2, 2, 2, 1);

    @Test
    void pointsLieWhereTheirPixelsLook() {
        MetricDepthMap depth = MetricDepthMap.of(4, 2, new float[] {2, 0, 2, 4, 2, 2, Float.NaN, 2});
        byte[] red = new byte[3 * 8 * 2]; // twice as wide: columns 1, 3, 5, 7 are taken
        for (int x = 0; x < 16; x++) {
            red[3 * x] = (byte) x;
        }
        float[] vectors = new float[24];
        for (int i = 0; i < 24; i += 3) {
            vectors[i] = i == 0 ? 1 : 0;
            vectors[i + 2] = i == 0 ? 0 : -1;
        }
        PointCloud points = DepthView.of(depth, CAMERA)
                .withColours(RgbImage.of(8, 2, red))
                .withNormals(NormalMap.of(4, 2, vectors, NormalAxes.OPENCV))
                .toPointCloud();
        assertThat(points.positions())
                .containsExactly(
                        -1.5f, 0.5f, -2, 0.5f, 0.5f, -2, 3, 1, -4, -1.5f, -0.5f, -2, -0.5f, -0.5f, -2, 1.5f, -0.5f, -2);
        assertThat(points.colours()).containsExactly(1, 0, 0, 5, 0, 0, 7, 0, 0, 9, 0, 0, 11, 0, 0, 15, 0, 0);
        assertThat(points.normals()).startsWith(1, 0, 0, 0, 0, 1).hasSize(18);
        assertThat(DepthView.of(depth, CAMERA.resized(40, 20)).toPointCloud().positions())
                .containsExactly(points.positions(), within(1e-6f));
    }

    @Test
    void resizedViewsTakeTheNearestPixels() {
        float[] metres = {1, 2, 3, 4, 5, 6, Float.NaN, 8};
        float[] vectors = new float[24];
        for (int i = 0; i < 24; i += 3) {
            vectors[i + (i == 9 ? 0 : 2)] = 1;
        }
        DepthView view = DepthView.of(MetricDepthMap.of(4, 2, metres), CAMERA)
                .withColours(RgbImage.of(4, 2, new byte[24]))
                .withNormals(NormalMap.of(4, 2, vectors, NormalAxes.OPENGL));
        DepthView half = view.resized(2, 1);
        assertThat(half.depth().toArray()).containsExactly(6, 8); // a centre on a border is the next pixel's
        assertThat(half.camera()).isEqualTo(new Camera(2, 1, 1, 1, 1, 0.5));
        assertThat(half.colours()).isEqualTo(view.colours());
        DepthView wide = view.resized(8, 2);
        assertThat(wide.depth().toArray())
                .containsExactly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, Float.NaN, Float.NaN, 8, 8);
        assertThat(wide.normals().orElseThrow().toArray(NormalAxes.OPENGL))
                .startsWith(0, 0, 1)
                .containsSubsequence(0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1);
        assertThatThrownBy(() -> view.resized(0, 2))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("0×2");
        assertThatThrownBy(() -> view.resized(1 << 15, 1 << 15))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("32768×32768");
    }

    @Test
    void meshIsTornAtEdgesAndHoles() {
        // a step between columns 1 and 2, a hole at the end of the second row
        float[] metres = {1, 1, 1.2f, 1.2f, 1, 1, 1.2f, 0};
        TriangleMesh mesh =
                DepthView.of(MetricDepthMap.of(4, 2, metres), CAMERA).toMesh(0.1);
        assertThat(mesh.vertices().size()).isEqualTo(7);
        assertThat(mesh.triangles()).containsExactly(0, 4, 1, 1, 4, 5, 2, 6, 3);
        TriangleMesh whole =
                DepthView.of(MetricDepthMap.of(4, 2, metres), CAMERA).toMesh(0.3);
        assertThat(whole.size()).isEqualTo(5);
        assertThat(DepthView.of(MetricDepthMap.of(4, 1, Arrays.copyOf(metres, 4)), CAMERA)
                        .toMesh()
                        .size())
                .isZero();
    }

    /** The mesh's front is toward the camera, and its shape is that of the true normals: neither axes nor pixels are mixed up. */
    @ParameterizedTest
    @ValueSource(ints = {0, 6})
    void facesLookAsTheScenesNormals(int scene) throws IOException {
        Golden golden = Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
        int height = golden.get("depth_m").shape()[0];
        int width = golden.get("depth_m").shape()[1];
        NormalMap normals = NormalMap.of(width, height, golden.get("normals").data(), NormalAxes.DSINE);
        MetricDepthMap depth =
                MetricDepthMap.of(width, height, golden.get("depth_m").data());
        TriangleMesh mesh = DepthView.of(depth.within(0, 25), camera(golden, width, height))
                .withNormals(normals)
                .toMesh();
        double[] cosines = new double[mesh.size()];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = cosineToNormal(mesh, i);
        }
        Arrays.sort(cosines);
        assertThat(cosines.length).isGreaterThan(width * height);
        assertThat(Math.toDegrees(Math.acos(cosines[cosines.length / 2]))).isLessThan(0.5);
        assertThat(Math.toDegrees(Math.acos(cosines[cosines.length / 20]))).isLessThan(25); // but at creases
    }

    /** Aligned to all that is known, as the miniature's card does: points are off by as much as it says of depth. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void scenesPointsAreAsFarOffAsTheirDepth(int scene) throws IOException {
        Golden golden = Golden.openResource("/nano-scenes/scene-" + scene + ".safetensors");
        int height = golden.get("depth_m").shape()[0];
        int width = golden.get("depth_m").shape()[1];
        MetricDepthMap truth =
                MetricDepthMap.of(width, height, golden.get("depth_m").data()).within(0, 25);
        DepthMap disparity =
                DepthMap.of(width, height, golden.get("reference_disparity").data(), DepthKind.AFFINE_DISPARITY);
        List<DepthSample> samples = new ArrayList<>();
        for (int i = 0; i < width * height; i++) {
            int row = i / width;
            if (truth.at(i % width, row) > 0) {
                samples.add(new DepthSample(i % width, row, truth.at(i % width, row)));
            }
        }
        float[] aligned = disparity.toMetric(disparity.alignTo(samples)).toArray();
        for (int i = 0; i < aligned.length; i++) { // the card clips so
            int row = i / width;
            aligned[i] = truth.at(i % width, row) > 0 ? aligned[i] < 40 ? aligned[i] : 40 : 0;
        }
        Camera camera = camera(golden, width, height);
        float[] expected = DepthView.of(truth, camera).toPointCloud().positions();
        float[] found = DepthView.of(MetricDepthMap.of(width, height, aligned), camera)
                .toPointCloud()
                .positions();
        double error = 0;
        for (int i = 0; i < expected.length; i += 3) {
            double distance = 0;
            double length = 0;
            for (int axis = i; axis < i + 3; axis++) {
                distance += Math.pow((double) found[axis] - expected[axis], 2);
                length += Math.pow(expected[axis], 2);
            }
            error += Math.sqrt(distance / length) / samples.size();
        }
        String[] card = Files.readAllLines(Path.of("..", "lotus-nano", "README.md")).stream()
                .filter(line -> line.startsWith("| " + scene + " |"))
                .findFirst()
                .orElseThrow()
                .split(" *\\| *", -1);
        assertThat(error).isCloseTo(Double.parseDouble(card[4]), within(6e-5));
    }

    private static Camera camera(Golden golden, int width, int height) {
        return new Camera(
                width,
                height,
                Double.parseDouble(golden.run("fx")),
                Double.parseDouble(golden.run("fy")),
                Double.parseDouble(golden.run("cx")),
                Double.parseDouble(golden.run("cy")));
    }

    /** Of a triangle's own normal and that of its first corner. */
    private static double cosineToNormal(TriangleMesh mesh, int triangle) {
        float[] positions = mesh.vertices().positions();
        int a = 3 * mesh.triangles()[3 * triangle];
        int b = 3 * mesh.triangles()[3 * triangle + 1];
        int c = 3 * mesh.triangles()[3 * triangle + 2];
        double[] u = new double[3];
        double[] v = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            u[axis] = (double) positions[b + axis] - positions[a + axis];
            v[axis] = (double) positions[c + axis] - positions[a + axis];
        }
        double dot = 0;
        double squares = 0;
        for (int axis = 0; axis < 3; axis++) {
            int next = (axis + 1) % 3;
            int last = (axis + 2) % 3;
            double cross = u[next] * v[last] - u[last] * v[next];
            dot += cross * mesh.vertices().normals()[a + axis];
            squares += cross * cross;
        }
        return Math.clamp(dot / Math.sqrt(squares), -1.0, 1.0);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        MetricDepthMap depth = MetricDepthMap.of(2, 1, new float[] {1, 1});
        NormalMap normals = NormalMap.of(1, 1, new float[] {0, 0, 1}, NormalAxes.DSINE);
        assertThatThrownBy(() -> DepthView.of(depth, CAMERA).withNormals(normals))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("1×1", "2×1");
        assertThatThrownBy(() -> DepthView.of(depth, CAMERA).toMesh(0)).isInstanceOf(LotusException.class);
        PointCloud points = DepthView.of(depth, CAMERA).toPointCloud();
        assertThatThrownBy(() -> new TriangleMesh(points, new int[] {0, 1, 2}))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("vertex 2");
        assertThatThrownBy(() -> new TriangleMesh(points, new int[] {0, 1})).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new PointCloud(new float[] {0, 0, 0, 0, Float.NaN, 0}, new byte[0], new float[0]))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("NaN", "point 1");
        assertThatThrownBy(() -> new PointCloud(new float[6], new byte[3], new float[0]))
                .isInstanceOf(LotusException.class);
    }
}
