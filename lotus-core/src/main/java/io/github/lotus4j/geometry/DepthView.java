package io.github.lotus4j.geometry;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
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
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(camera, "camera");
        requireSize(depth.width(), depth.height());
        return new DepthView(depth, camera.resized(depth.width(), depth.height()), null, null);
    }

    private static void requireSize(int width, int height) {
        if ((long) width * height > MOST_PIXELS) {
            throw new LotusException(
                    "depth view: found %d×%d pixels, expected at most %d in all".formatted(width, height, MOST_PIXELS));
        }
    }

    /** @param image of any size: each pixel of the depth takes the colour that is nearest to its centre */
    public DepthView withColours(RgbImage image) {
        Objects.requireNonNull(image, "image");
        return new DepthView(depth, camera, image, normals);
    }

    /** @throws LotusException if there are not as many normals as there are depths */
    public DepthView withNormals(NormalMap map) {
        Objects.requireNonNull(map, "map");
        NormalSize.require("depth view", map, depth.width(), depth.height());
        return new DepthView(depth, camera, colours, map);
    }

    /**
     * The same with so many pixels, each of which takes the depth and the normal that are nearest to its centre; the image of colours
     * stays as it is.
     *
     * @throws LotusException if a side is not positive, or there are more pixels than a mesh can have
     * @throws InsufficientMemoryException if Java's memory cannot hold them
     */
    public DepthView resized(int width, int height) {
        Camera seen = camera.resized(width, height); // refuses sides that are not positive
        requireSize(width, height);
        HeapLimit.require("the view", width, height, normals == null ? 8 : 8 + 36);
        float[] metres = picked(depth.toArray(), 1, width, height);
        NormalMap map = normals == null
                ? null
                : NormalMap.of(width, height, picked(normals.toArray(), 3, width, height), NormalAxes.DSINE);
        return new DepthView(MetricDepthMap.of(width, height, metres), seen, colours, map);
    }

    /** Of the values of this view's pixels, those of pixels that are nearest to the centres of so many others. */
    private float[] picked(float[] values, int channels, int width, int height) {
        float[] picked = new float[channels * width * height];
        for (int i = 0; i < width * height; i++) {
            int x = nearest(i % width, width, depth.width());
            int y = nearest(i / width, height, depth.height());
            System.arraycopy(values, channels * (y * depth.width() + x), picked, channels * i, channels);
        }
        return picked;
    }

    /** In a row of so many, the pixel that the centre of one in a row of others lies in. */
    private static int nearest(int i, int pixels, int others) {
        return (int) ((2L * i + 1) * others / (2L * pixels));
    }

    public MetricDepthMap depth() {
        return depth;
    }

    /** The camera, with images of the depth's size. */
    public Camera camera() {
        return camera;
    }

    public Optional<RgbImage> colours() {
        return Optional.ofNullable(colours);
    }

    public Optional<NormalMap> normals() {
        return Optional.ofNullable(normals);
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
                int x = nearest(i % depth.width(), depth.width(), colours.width());
                int y = nearest(i / depth.width(), depth.height(), colours.height());
                System.arraycopy(image, 3 * (y * colours.width() + x), rgb, at, 3);
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
