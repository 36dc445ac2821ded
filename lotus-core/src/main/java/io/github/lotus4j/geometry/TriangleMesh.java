package io.github.lotus4j.geometry;

import io.github.lotus4j.error.LotusException;
import java.util.Objects;

/**
 * A surface of triangles. The array is not copied: who changes it changes the mesh.
 *
 * @param vertices the corners, and perhaps points that no triangle uses
 * @param triangles {@code [triangles, 3]}, numbers of vertices from 0, counter-clockwise as seen from the front
 */
public record TriangleMesh(PointCloud vertices, int[] triangles) {
    /** @throws LotusException if a triangle is not complete or names a vertex that is not there */
    public TriangleMesh {
        Objects.requireNonNull(vertices, "vertices");
        Objects.requireNonNull(triangles, "triangles");
        if (triangles.length % 3 != 0) {
            throw new LotusException("mesh: found %d corners, expected three a triangle".formatted(triangles.length));
        }
        for (int corner : triangles) {
            if (corner < 0 || corner >= vertices.size()) {
                throw new LotusException(
                        "mesh: found the vertex %d, expected 0 to %d".formatted(corner, vertices.size() - 1));
            }
        }
    }

    /** How many triangles there are. */
    public int size() {
        return triangles.length / 3;
    }

    @Override
    public String toString() {
        return "TriangleMesh[%d, %s]".formatted(size(), vertices);
    }
}
