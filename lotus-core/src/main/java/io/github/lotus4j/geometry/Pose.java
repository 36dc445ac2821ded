package io.github.lotus4j.geometry;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.Objects;

/**
 * Where a camera stood: takes points from its frame to the world's, both with x to the right, y up, z toward the viewer.
 * {@code world = rotation · point + (x, y, z)}. A pose in OpenCV's axes becomes one of these by the opposite sign of the second and
 * third column of its rotation, and then, to turn the world as well, of the second and third row and of y and z.
 *
 * @param rotation nine numbers, row by row, orthonormal, not a reflection
 * @param x the camera's place in the world, metres
 * @param y the camera's place in the world, metres
 * @param z the camera's place in the world, metres
 */
public record Pose(List<Double> rotation, double x, double y, double z) {
    private static final double TOLERANCE = 1e-3;

    /** @throws LotusException if the rotation is none, or a number is not finite */
    public Pose {
        Objects.requireNonNull(rotation, "rotation");
        rotation = List.copyOf(rotation);
        if (rotation.size() != 9 || !isRotation(rotation) || !Double.isFinite(x + y + z)) {
            throw new LotusException(
                    "pose: found the rotation %s at %s, %s, %s, expected nine numbers of a rotation and a place"
                            .formatted(rotation, x, y, z));
        }
    }

    /** Rows of length 1, the third of which is the product of the first two. */
    private static boolean isRotation(List<Double> r) {
        for (int i = 0; i < 3; i++) {
            int next = (i + 1) % 3;
            int last = (i + 2) % 3;
            double cross = r.get(next) * r.get(3 + last) - r.get(last) * r.get(3 + next);
            if (!(Math.abs(cross - r.get(6 + i)) <= TOLERANCE)) {
                return false;
            }
        }
        return Math.abs(length(r, 0) - 1) <= TOLERANCE
                && Math.abs(length(r, 3) - 1) <= TOLERANCE
                && Math.abs(length(r, 6) - 1) <= TOLERANCE;
    }

    private static double length(List<Double> r, int row) {
        return Math.sqrt(r.get(row) * r.get(row) + r.get(row + 1) * r.get(row + 1) + r.get(row + 2) * r.get(row + 2));
    }

    /** A cloud of this camera's frame in the world's. */
    public PointCloud place(PointCloud points) {
        Objects.requireNonNull(points, "points");
        return new PointCloud(turned(points.positions(), x, y, z), points.colours(), turned(points.normals(), 0, 0, 0));
    }

    private float[] turned(float[] vectors, double... shift) {
        double[] r = rotation.stream().mapToDouble(Double::doubleValue).toArray();
        float[] turned = new float[vectors.length];
        for (int i = 0; i < vectors.length; i += 3) {
            for (int axis = 0; axis < 3; axis++) {
                turned[i + axis] = (float) (r[3 * axis] * vectors[i]
                        + r[3 * axis + 1] * vectors[i + 1]
                        + r[3 * axis + 2] * vectors[i + 2]
                        + shift[axis]);
            }
        }
        return turned;
    }
}
