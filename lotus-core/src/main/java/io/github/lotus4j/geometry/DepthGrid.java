package io.github.lotus4j.geometry;

import io.github.lotus4j.MetricDepthMap;
import java.util.Arrays;

/** The triangles between neighbouring pixels of known depth, none across an edge. */
final class DepthGrid {
    private final int width;
    private final int height;
    private final float[] metres;
    private final double farther;
    private final int[] vertex;
    private int[] corners = new int[0];
    private int count;

    /** @param edge the share by which depth may grow within a triangle */
    DepthGrid(MetricDepthMap depth, double edge) {
        width = depth.width();
        height = depth.height();
        metres = depth.toArray();
        farther = 1 + edge;
        vertex = new int[metres.length];
        int known = 0;
        for (int i = 0; i < vertex.length; i++) {
            vertex[i] = metres[i] > 0 ? known++ : -1;
        }
    }

    /** Numbers of vertices, pixels of unknown depth not counted; counter-clockwise as the camera sees them. */
    int[] triangles() {
        corners = new int[6 * (width - 1) * (height - 1)];
        count = 0;
        for (int y = 0; y + 1 < height; y++) {
            for (int x = 0; x + 1 < width; x++) {
                int upper = y * width + x;
                int lower = upper + width;
                if (difference(upper, lower + 1) < difference(upper + 1, lower)) {
                    add(upper, lower, lower + 1);
                    add(upper, lower + 1, upper + 1);
                } else { // also where one of the first two is unknown
                    add(upper, lower, upper + 1);
                    add(upper + 1, lower, lower + 1);
                }
            }
        }
        return Arrays.copyOf(corners, count);
    }

    /** Quads are cut along the diagonal that is more level; one with an unknown end is not level at all. */
    private double difference(int a, int b) {
        double difference = Math.abs((double) metres[a] - metres[b]);
        return difference >= 0 ? difference : Double.POSITIVE_INFINITY;
    }

    private void add(int a, int b, int c) {
        double nearest = Math.min(metres[a], Math.min(metres[b], metres[c]));
        double farthest = Math.max(metres[a], Math.max(metres[b], metres[c]));
        if (farthest <= nearest * farther) { // not where one is NaN
            corners[count++] = vertex[a];
            corners[count++] = vertex[b];
            corners[count++] = vertex[c];
        }
    }
}
