package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.PointCloud;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * glTF 2.0 in one binary file: a mesh, or points, shown in its colours as they are (KHR_materials_unlit), for a photograph's hold
 * its light already. Khronos Group, glTF 2.0 specification, 3.6 (accessors), 4 (GLB).
 */
final class Glb {
    private static final int MAGIC = 0x46546c67;
    private static final int JSON_CHUNK = 0x4e4f534a;
    private static final int BINARY_CHUNK = 0x004e4942;
    private static final int HEADER_BYTES = 12 + 8 + 8;
    private static final long LARGEST_FILE = 0xffffffffL;

    private Glb() {}

    /**
     * @param triangles numbers of points, three each; none for points alone
     * @throws LotusException if there is no point, or the file would be larger than the format allows
     */
    static void write(OutputStream out, PointCloud points, int[] triangles, Metadata metadata) throws IOException {
        if (points.size() == 0) {
            throw new LotusException("glb: found no point, expected at least one");
        }
        GltfJson description = new GltfJson(points, triangles.length, metadata);
        byte[] json = padded(description.toString().getBytes(StandardCharsets.US_ASCII));
        long length = HEADER_BYTES + json.length + description.binaryBytes();
        if (length > LARGEST_FILE) {
            throw new LotusException("glb: found %d points and %d triangles, %d bytes, expected at most %d; use ply"
                    .formatted(points.size(), triangles.length / 3, length, LARGEST_FILE));
        }
        LittleEndianOutput data = new LittleEndianOutput(out);
        data.writeInt(MAGIC);
        data.writeInt(2);
        data.writeInt((int) length);
        data.writeInt(json.length);
        data.writeInt(JSON_CHUNK);
        data.writeBytes(json);
        data.writeInt((int) description.binaryBytes());
        data.writeInt(BINARY_CHUNK);
        data.writeFloats(points.positions(), 0, points.positions().length);
        writeNormals(data, points.normals());
        writeColours(data, points.colours());
        for (int each : triangles) {
            data.writeInt(each);
        }
        data.flush();
    }

    /** Chunks start at multiples of four bytes; JSON is filled up with blanks. */
    private static byte[] padded(byte[] json) {
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, 4) * 4);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    /** Of unit length to the last bit that a float has, which the format asks for; toward the viewer where there is none. */
    private static void writeNormals(LittleEndianOutput data, float[] normals) throws IOException {
        for (int i = 0; i < normals.length; i += 3) {
            double x = normals[i];
            double y = normals[i + 1];
            double z = normals[i + 2];
            double length = Math.sqrt(x * x + y * y + z * z);
            boolean known = length > 0 && length < Double.POSITIVE_INFINITY;
            data.writeFloat(known ? (float) (x / length) : 0);
            data.writeFloat(known ? (float) (y / length) : 0);
            data.writeFloat(known ? (float) (z / length) : 1);
        }
    }

    /** Vertex colours are linear light, where an image's are not: in 16 bits, so that the dark ones stay apart. IEC 61966-2-1. */
    private static void writeColours(LittleEndianOutput data, byte[] colours) throws IOException {
        short[] linear = new short[256];
        for (int i = 0; i < linear.length; i++) {
            double value = i / 255.0;
            double light = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
            linear[i] = (short) Math.round(65535 * light);
        }
        for (int i = 0; i < colours.length; i += 3) {
            data.writeShort(linear[colours[i] & 0xff]);
            data.writeShort(linear[colours[i + 1] & 0xff]);
            data.writeShort(linear[colours[i + 2] & 0xff]);
            data.writeShort(-1); // opaque; three shorts alone would not be aligned
        }
    }
}
