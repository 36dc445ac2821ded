package io.github.lotus4j.geometry;

import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Joins clouds of one world, such as several views {@linkplain Pose#place placed} in it: space is cut into cubes, and the points of
 * each become one, with their mean position, colour and normal. Not thread-safe.
 */
public final class VoxelGrid {
    /** Means of so many numbers: position, colour, normal. */
    private static final int CHANNELS = 9;

    private static final double[] TOWARD_VIEWER = {0, 0, 1};

    private final double side;
    private final Map<Cube, double[]> sums = new LinkedHashMap<>();
    private boolean colours = true;
    private boolean normals = true;

    private record Cube(long x, long y, long z) {}

    /**
     * @param side of a cube, metres
     * @throws LotusException if it is not finite and positive
     */
    public VoxelGrid(double side) {
        if (!(side > 0 && side < Double.POSITIVE_INFINITY)) {
            throw new LotusException("voxel grid: found cubes of " + side + " m, expected more than 0");
        }
        this.side = side;
    }

    /** Adds a cloud; as soon as one has no colours, or no normals, the result has none. */
    public VoxelGrid add(PointCloud points) {
        Objects.requireNonNull(points, "points");
        colours &= points.hasColours() || points.size() == 0;
        normals &= points.hasNormals() || points.size() == 0;
        float[] positions = points.positions();
        for (int i = 0; i < positions.length; i += 3) {
            Cube cube = new Cube(cell(positions[i]), cell(positions[i + 1]), cell(positions[i + 2]));
            double[] sum = sums.computeIfAbsent(cube, none -> new double[CHANNELS + 1]);
            for (int axis = 0; axis < 3; axis++) {
                sum[axis] += positions[i + axis];
                sum[3 + axis] += points.hasColours() ? points.colours()[i + axis] & 0xff : 0;
                sum[6 + axis] += points.hasNormals() ? points.normals()[i + axis] : 0;
            }
            sum[CHANNELS]++;
        }
        return this;
    }

    private long cell(float coordinate) {
        return (long) Math.floor(coordinate / side);
    }

    /** A point for each cube that has any, in the order in which they were met; normals that cancel out look at the viewer. */
    public PointCloud toPointCloud() {
        List<double[]> cubes = new ArrayList<>(sums.values());
        float[] positions = new float[3 * cubes.size()];
        byte[] rgb = new byte[colours ? positions.length : 0];
        float[] vectors = new float[normals ? positions.length : 0];
        for (int i = 0; i < cubes.size(); i++) {
            double[] sum = cubes.get(i);
            double length = Math.sqrt(sum[6] * sum[6] + sum[7] * sum[7] + sum[8] * sum[8]);
            for (int axis = 0; axis < 3; axis++) {
                positions[3 * i + axis] = (float) (sum[axis] / sum[CHANNELS]);
                if (colours) {
                    rgb[3 * i + axis] = (byte) Math.round(sum[3 + axis] / sum[CHANNELS]);
                }
                if (normals) {
                    vectors[3 * i + axis] = (float) (length > 0 ? sum[6 + axis] / length : TOWARD_VIEWER[axis]);
                }
            }
        }
        return new PointCloud(positions, rgb, vectors);
    }
}
