package io.github.lotus4j.output;

import io.github.lotus4j.geometry.PointCloud;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a GLB's JSON says of its binary chunk: positions, normals if there are, colours if there are, corners if there are. In digits
 * that JSON knows, whatever those of the reader's language.
 */
final class GltfJson {
    private static final int UNSIGNED_SHORT = 5123;
    private static final int UNSIGNED_INT = 5125;
    private static final int FLOAT = 5126;
    private static final int VERTICES = 34962;
    private static final int INDICES = 34963;
    private static final int POINTS = 0;
    private static final int TRIANGLES = 4;

    private final List<String> views = new ArrayList<>();
    private final List<String> accessors = new ArrayList<>();
    private final List<String> attributes = new ArrayList<>();
    private final String primitive;
    private final Metadata metadata;
    private long bytes;

    GltfJson(PointCloud points, int corners, Metadata metadata) {
        this.metadata = metadata;
        int size = points.size();
        attribute("POSITION", size, FLOAT, "\"VEC3\"," + bounds(points.positions()), 12);
        if (points.hasNormals()) {
            attribute("NORMAL", size, FLOAT, "\"VEC3\"", 12);
        }
        if (points.hasColours()) {
            attribute("COLOR_0", size, UNSIGNED_SHORT, "\"VEC4\",\"normalized\":true", 8);
        }
        if (corners > 0) {
            add(corners, UNSIGNED_INT, "\"SCALAR\"", 4L * corners, INDICES);
        }
        primitive = String.format(Locale.ROOT, "\"attributes\":{%s},\"material\":0,", String.join(",", attributes))
                + (corners > 0
                        ? String.format(Locale.ROOT, "\"indices\":%d,\"mode\":%d", accessors.size() - 1, TRIANGLES)
                        : "\"mode\":" + POINTS);
    }

    /** What the binary chunk must hold: every element is a multiple of four bytes, so nothing is filled up. */
    long binaryBytes() {
        return bytes;
    }

    private void attribute(String name, int count, int component, String type, int stride) {
        attributes.add(String.format(Locale.ROOT, "\"%s\":%d", name, accessors.size()));
        add(count, component, type, (long) stride * count, VERTICES);
    }

    private void add(int count, int component, String type, long length, int target) {
        accessors.add(String.format(
                Locale.ROOT,
                "{\"bufferView\":%d,\"componentType\":%d,\"count\":%d,\"type\":%s}",
                views.size(),
                component,
                count,
                type));
        views.add(String.format(
                Locale.ROOT,
                "{\"buffer\":0,\"byteOffset\":%d,\"byteLength\":%d,\"target\":%d}",
                bytes,
                length,
                target));
        bytes += length;
    }

    /** Exact, as doubles: what is rounded would not bound its floats. */
    private static String bounds(float[] positions) {
        List<String> least = new ArrayList<>();
        List<String> most = new ArrayList<>();
        for (int axis = 0; axis < 3; axis++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int i = axis; i < positions.length; i += 3) {
                min = Math.min(min, positions[i]);
                max = Math.max(max, positions[i]);
            }
            least.add(Double.toString(min));
            most.add(Double.toString(max));
        }
        return String.format(Locale.ROOT, "\"min\":[%s],\"max\":[%s]", String.join(",", least), String.join(",", most));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                """
                {"asset":{"version":"2.0","generator":"%s","extras":%s},\
                "extensionsUsed":["KHR_materials_unlit"],\
                "scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],\
                "meshes":[{"primitives":[{%s}]}],\
                "materials":[{"pbrMetallicRoughness":{"metallicFactor":0,"roughnessFactor":1},"doubleSided":true,\
                "extensions":{"KHR_materials_unlit":{}}}],\
                "accessors":[%s],"bufferViews":[%s],"buffers":[{"byteLength":%d}]}""",
                metadata.software(),
                metadata.json(),
                primitive,
                String.join(",", accessors),
                String.join(",", views),
                bytes);
    }
}
