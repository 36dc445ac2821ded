package io.github.lotus4j.output;

import io.github.lotus4j.geometry.PointCloud;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Wavefront's object file, with a vertex's colour behind its position, 0 to 1, as MeshLab and Blender read and write it. */
final class Obj {
    private static final int PIECE = 1 << 16;

    private Obj() {}

    /** @param triangles numbers of points, three each; none for points alone */
    static void write(OutputStream out, PointCloud points, int[] triangles, Metadata metadata) throws IOException {
        StringBuilder text =
                new StringBuilder("# x to the right, y up, z toward the viewer, in metres if the depth was\n");
        metadata.lines().forEach(line -> text.append("# " + line + "\n"));
        for (int i = 0; i < points.positions().length; i += 3) {
            append(text.append('v'), points.positions(), i);
            for (int c = i; points.hasColours() && c < i + 3; c++) {
                text.append(' ').append((points.colours()[c] & 0xff) / 255f);
            }
            end(text, out);
        }
        for (int i = 0; i < points.normals().length; i += 3) {
            append(text.append("vn"), points.normals(), i);
            end(text, out);
        }
        for (int i = 0; i < triangles.length; i += 3) {
            text.append('f');
            for (int corner = i; corner < i + 3; corner++) {
                int number = triangles[corner] + 1;
                text.append(' ').append(number);
                if (points.hasNormals()) {
                    text.append("//").append(number);
                }
            }
            end(text, out);
        }
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void append(StringBuilder text, float[] values, int at) {
        text.append(' ').append(values[at]).append(' ').append(values[at + 1]);
        text.append(' ').append(values[at + 2]);
    }

    private static void end(StringBuilder text, OutputStream out) throws IOException {
        text.append('\n');
        if (text.length() > PIECE) {
            out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
            text.setLength(0);
        }
    }
}
