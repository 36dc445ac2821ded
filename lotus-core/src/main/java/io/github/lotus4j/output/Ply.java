package io.github.lotus4j.output;

import io.github.lotus4j.geometry.PointCloud;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Stanford's polygon file, version 1.0, binary, little endian: vertices with normals and colours, and triangles. Turk 1994. */
final class Ply {
    private Ply() {}

    /** @param triangles numbers of points, three each; none for points alone */
    static void write(OutputStream out, PointCloud points, int[] triangles, Metadata metadata) throws IOException {
        LittleEndianOutput data = new LittleEndianOutput(out);
        data.writeBytes(header(points, triangles.length / 3, metadata).getBytes(StandardCharsets.US_ASCII));
        byte[] colours = points.colours();
        for (int i = 0; i < points.positions().length; i += 3) {
            data.writeFloats(points.positions(), i, 3);
            if (points.hasNormals()) {
                data.writeFloats(points.normals(), i, 3);
            }
            if (points.hasColours()) {
                data.writeByte(colours[i]);
                data.writeByte(colours[i + 1]);
                data.writeByte(colours[i + 2]);
            }
        }
        for (int i = 0; i < triangles.length; i += 3) {
            data.writeByte(3);
            data.writeInt(triangles[i]);
            data.writeInt(triangles[i + 1]);
            data.writeInt(triangles[i + 2]);
        }
        data.flush();
    }

    private static String header(PointCloud points, int triangles, Metadata metadata) {
        StringBuilder header = new StringBuilder("ply\nformat binary_little_endian 1.0\n")
                .append("comment x to the right, y up, z toward the viewer, in metres if the depth was\n");
        metadata.lines().forEach(line -> header.append("comment " + line + "\n"));
        header.append("element vertex " + points.size() + "\n")
                .append("property float x\nproperty float y\nproperty float z\n");
        if (points.hasNormals()) {
            header.append("property float nx\nproperty float ny\nproperty float nz\n");
        }
        if (points.hasColours()) {
            header.append("property uchar red\nproperty uchar green\nproperty uchar blue\n");
        }
        if (triangles > 0) {
            header.append("element face " + triangles + "\nproperty list uchar int vertex_indices\n");
        }
        return header.append("end_header\n").toString();
    }
}
