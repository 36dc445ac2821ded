package io.github.lotus4j.geometry;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one camera sees: depth, and with it colours and normals if they are given. Becomes points or a mesh, in metres, in the
 * camera's frame: x to the right, y up, z toward the viewer. Immutable.
 */
public final class DepthView {
    /** The share by which depth may grow within a triangle before an edge between near and far is seen in it. */
    public static final double DEFAULT_EDGE = 0.05;

    /** Position, colour, normal, two triangles, and where a pixel's vertex is. */
    private static final int BYTES_PER_PIXEL = 12 + 3 + 12 + 24 + 4;

    /** Corners are counted in an int. */
    private static final int MOST_PIXELS = (Integer.MAX_VALUE - 8) / 6;

    private final MetricDepthMap depth;
    private final Camera camera;
    private final @Nullable RgbImage colours;
    private final @Nullable NormalMap normals;

    private DepthView(MetricDepthMap depth, Camera camera, @Nullable RgbImage colours, @Nullable NormalMap normals) {
        this.depth = depth;
        this.camera = camera;
        this.colours = colours;
        this.normals = normals;
    }

    /**
     * @param camera where its images have another size than the depth, it is resized
     * @throws LotusException if there are more pixels than a mesh can have
     */
    public static DepthView of(MetricDepthMap depth, Camera camera) {
        int width = depth.width();
        int height = depth.height();
        if ((long) width * height > MOST_PIXELS) {
            throw new LotusException(
                    "depth view: found %d×%d pixels, expected at most %d in all".formatted(width, height, MOST_PIXELS));
        }
        return new DepthView(depth, camera.resized(width, height), null, null);
    }

    /** @param image of any size: each pixel of the depth takes the colour that is nearest to its centre */
    public DepthView withColours(RgbImage image) {
        return new DepthView(depth, camera, image, normals);
    }

    /** @throws LotusException if there are not as many normals as there are depths */
    public DepthView withNormals(NormalMap map) {
        NormalSize.require("depth view", map, depth.width(), depth.height());
        return new DepthView(depth, camera, colours, map);
    }

    /**
     * A point for each pixel of known depth, row by row from the top.
     *
     * @throws InsufficientMemoryException if Java's memory cannot hold them
     */
    public PointCloud toPointCloud() {
        HeapLimit.require("the shape", depth.width(), depth.height(), BYTES_PER_PIXEL);
        int width = depth.width();
        float[] metres = depth.toArray();
        float[] positions = new float[3 * metres.length];
        int count = 0;
        for (int i = 0; i < metres.length; i++) {
            if (metres[i] > 0) {
                int row = i / width;
                positions[count++] = (float) (metres[i] * (i % width + 0.5 - camera.cx()) / camera.fx());
                positions[count++] = (float) (metres[i] * (camera.cy() - row - 0.5) / camera.fy());
                positions[count++] = -metres[i];
            }
        }
        return new PointCloud(Arrays.copyOf(positions, count), colours(metres, count), normals(metres, count));
    }

    private byte[] colours(float[] metres, int count) {
        if (colours == null) {
            return new byte[0];
        }
        byte[] image = colours.toArray();
        byte[] rgb = new byte[count];
        int at = 0;
        for (int i = 0; i < metres.length; i++) {
            if (metres[i] > 0) {
                long x = (2L * (i % depth.width()) + 1) * colours.width() / (2L * depth.width());
                long y = (2L * (i / depth.width()) + 1) * colours.height() / (2L * depth.height());
                System.arraycopy(image, 3 * (int) (y * colours.width() + x), rgb, at, 3);
                at += 3;
            }
        }
        return rgb;
    }

    private float[] normals(float[] metres, int count) {
        if (normals == null) {
            return new float[0];
        }
        float[] vectors = normals.toArray(NormalAxes.OPENGL);
        int at = 0;
        for (int i = 0; i < metres.length; i++) {
            if (metres[i] > 0) {
                System.arraycopy(vectors, 3 * i, vectors, at, 3);
                at += 3;
            }
        }
        return Arrays.copyOf(vectors, count);
    }

    /** A mesh that is torn where depth grows by more than {@link #DEFAULT_EDGE}. */
    public TriangleMesh toMesh() {
        return toMesh(DEFAULT_EDGE);
    }

    /**
     * A mesh of the points of {@link #toPointCloud}, two triangles between four neighbours of known depth, front toward the camera.
     * Triangles that would span an edge, from something near to what it hides, are left out.
     *
     * @param edge the share by which a triangle's farthest corner may be farther than its nearest; as that grows with the slant of a
     *     surface and the size of a pixel, a smaller one suits larger images; infinite leaves nothing out
     * @throws LotusException if the edge is not positive
     * @throws InsufficientMemoryException if Java's memory cannot hold it
     */
    public TriangleMesh toMesh(double edge) {
        if (!(edge > 0)) {
            throw new LotusException("depth view: found the edge " + edge + ", expected more than 0");
        }
        return new TriangleMesh(toPointCloud(), new DepthGrid(depth, edge).triangles());
    }
}
