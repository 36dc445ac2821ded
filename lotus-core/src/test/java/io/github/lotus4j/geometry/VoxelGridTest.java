package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several views of one world. */
class VoxelGridTest {
    private static final List<Double> TURNED_LEFT = List.of(0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0);

    @Test
    void poseTakesPointsToTheWorld() {
        PointCloud seen = new PointCloud(new float[] {1, 2, -3}, new byte[] {9, 8, 7}, new float[] {0, 0, 1});
        PointCloud placed = new Pose(TURNED_LEFT, 10, 20, 30).place(seen);
        assertThat(placed.positions()).containsExactly(7, 22, 29);
        assertThat(placed.normals()).containsExactly(1, 0, 0);
        assertThat(placed.colours()).containsExactly(9, 8, 7);
    }

    @Test
    void reflectionsAndStretchesAreNoPoses() {
        assertThatThrownBy(() -> new Pose(List.of(-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 0, 0, 0))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("-1.0");
        assertThatThrownBy(() -> new Pose(List.of(2.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0), 0, 0, 0))
                .isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new Pose(List.of(1.0), 0, 0, 0)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new Pose(TURNED_LEFT, Double.NaN, 0, 0)).isInstanceOf(LotusException.class);
    }

    /** A wall at z = -2, once from the origin and once from a metre ahead: one wall. */
    @Test
    void viewsOfOneWallFallTogether() {
        Camera camera = Camera.ofHorizontalFieldOfView(40, 30, 60);
        PointCloud straight = DepthView.of(flat(40, 30, 2), camera)
                .withColours(RgbImage.of(1, 1, new byte[] {10, 20, 30}))
                .toPointCloud();
        PointCloud nearer = DepthView.of(flat(40, 30, 1), camera)
                .withColours(RgbImage.of(1, 1, new byte[] {30, 40, 50}))
                .toPointCloud();
        Pose ahead = new Pose(List.of(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 0, 0, -1);
        PointCloud world =
                new VoxelGrid(0.5).add(straight).add(ahead.place(nearer)).toPointCloud();
        assertThat(world.size()).isLessThan(40);
        for (int i = 2; i < world.positions().length; i += 3) {
            assertThat(world.positions()[i]).isCloseTo(-2, within(1e-5f));
        }
        assertThat(world.colours()).contains(10);
        assertThat(world.hasNormals()).isFalse();
    }

    private static MetricDepthMap flat(int width, int height, float metres) {
        float[] depth = new float[width * height];
        java.util.Arrays.fill(depth, metres);
        return MetricDepthMap.of(width, height, depth);
    }

    @Test
    void cubesHoldMeans() {
        PointCloud points = new PointCloud(
                new float[] {0.1f, 0.2f, 0.3f, 0.3f, 0.4f, 0.5f, -0.1f, 0, 0},
                new byte[] {(byte) 200, 0, 0, (byte) 100, 0, 3, 1, 2, 3},
                new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
        PointCloud means = new VoxelGrid(1).add(points).toPointCloud();
        assertThat(means.positions()).containsExactly(new float[] {0.2f, 0.3f, 0.4f, -0.1f, 0, 0}, within(1e-6f));
        assertThat(means.colours()).containsExactly((byte) 150, 0, 2, 1, 2, 3);
        float half = (float) Math.sqrt(0.5);
        assertThat(means.normals()).containsExactly(half, half, 0, 0, 0, 1);
        assertThatThrownBy(() -> new VoxelGrid(0)).isInstanceOf(LotusException.class);
    }
}
