package io.github.lotus4j.output;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;

/**
 * A view's mesh in two or three bytes a pixel, for a script that knows the camera. Depth is kept as steps of its logarithm, so as
 * precise near as far: code 0 is unknown, 1 the nearest, 65535 the farthest. Of each code, only the difference to the one before is
 * kept, the upper bytes of all pixels first, then the lower ones, which deflates well. Behind them lies a byte for each four
 * neighbours, row by row: bit k says that there is the triangle that leaves out corner k, where 0 is the upper left, 1 the upper
 * right, 2 the lower left and 3 the lower right one. shape-data.js reads it.
 *
 * @param nearest depth of code 1
 * @param farthest depth of code 65535
 * @param triangles how many there are
 * @param bytes {@code [height, width]} twice, then {@code [height - 1, width - 1]}, deflated (RFC 1950)
 */
record PackedShape(int width, int height, float nearest, float farthest, int triangles, byte[] bytes) {
    private static final int LARGEST_CODE = 65535;

    /** @throws LotusException if no pixel is known */
    static PackedShape of(DepthView view) {
        MetricDepthMap depth = view.depth();
        float[] metres = depth.toArray();
        float nearest = Float.POSITIVE_INFINITY;
        float farthest = 0;
        for (float each : metres) {
            if (each > 0) {
                nearest = Math.min(nearest, each);
                farthest = Math.max(farthest, each);
            }
        }
        if (farthest == 0) {
            throw new LotusException("html: found no pixel of known depth, expected at least one");
        }
        TriangleMesh mesh = view.toMesh();
        byte[] quads = quads(depth.width(), depth.height(), knownPixels(metres), mesh.triangles());
        byte[] bytes = deflated(differences(metres, nearest, farthest), quads);
        return new PackedShape(depth.width(), depth.height(), nearest, farthest, mesh.size(), bytes);
    }

    private static byte[] differences(float[] metres, double nearest, double farthest) {
        double step = Math.log(farthest / nearest) / (LARGEST_CODE - 1);
        byte[] differences = new byte[2 * metres.length];
        int before = 0;
        for (int i = 0; i < metres.length; i++) {
            int code = 0;
            if (metres[i] > 0) {
                code = 1 + (step > 0 ? (int) Math.round(Math.log(metres[i] / nearest) / step) : 0);
            }
            differences[i] = (byte) ((code - before) >> 8);
            differences[metres.length + i] = (byte) (code - before);
            before = code;
        }
        return differences;
    }

    /** The pixels of a mesh's vertices, which are those of known depth. */
    private static int[] knownPixels(float[] metres) {
        int[] pixels = new int[metres.length];
        int count = 0;
        for (int i = 0; i < metres.length; i++) {
            if (metres[i] > 0) {
                pixels[count++] = i;
            }
        }
        return pixels;
    }

    /** A triangle has three of the four corners that its uppermost row and leftmost column begin. */
    private static byte[] quads(int width, int height, int[] pixels, int[] triangles) {
        byte[] quads = new byte[(width - 1) * (height - 1)];
        for (int i = 0; i < triangles.length; i += 3) {
            int[] corners = {pixels[triangles[i]], pixels[triangles[i + 1]], pixels[triangles[i + 2]]};
            int left = width;
            int top = height;
            for (int corner : corners) {
                left = Math.min(left, corner % width);
                top = Math.min(top, corner / width);
            }
            int leftOut = 0b1111;
            for (int corner : corners) {
                leftOut ^= 1 << (2 * (corner / width - top) + corner % width - left);
            }
            quads[top * (width - 1) + left] |= (byte) leftOut;
        }
        return quads;
    }

    private static byte[] deflated(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream deflater = new DeflaterOutputStream(bytes)) {
            for (byte[] part : parts) {
                deflater.write(part);
            }
        } catch (IOException e) {
            throw new LotusException("html: " + e.getMessage(), e); // of a buffer in memory: never seen
        }
        return bytes.toByteArray();
    }
}
