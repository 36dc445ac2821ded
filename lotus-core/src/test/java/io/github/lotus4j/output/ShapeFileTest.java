package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.PointCloud;
import io.github.lotus4j.geometry.TriangleMesh;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other programs read, byte by byte. scripts/check-3d.py has some of them read it. */
class ShapeFileTest {
    /** An octahedron, a closed surface: its normals are its positions. */
    private static final float[] CORNERS = {0.1f, 0, 0, -0.1f, 0, 0, 0, 0.1f, 0, 0, -0.1f, 0, 0, 0, 0.1f, 0, 0, -0.1f};

    private static final int[] FACES = {4, 0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 5, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3};

    @TempDir
    Path folder;

    private static TriangleMesh octahedron() {
        byte[] colours = new byte[CORNERS.length];
        float[] normals = new float[CORNERS.length];
        for (int i = 0; i < CORNERS.length; i++) {
            colours[i] = (byte) (13 * i);
            normals[i] = Math.signum(CORNERS[i]);
        }
        return new TriangleMesh(new PointCloud(CORNERS, colours, normals), FACES);
    }

    private byte[] written(String name, TriangleMesh mesh) throws IOException {
        Path file = folder.resolve(name);
        ShapeFile.write(file, mesh);
        return Files.readAllBytes(file);
    }

    private static ByteBuffer numbers(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void plyHoldsEverything() throws IOException {
        byte[] bytes = written("a.ply", octahedron());
        ByteBuffer file = numbers(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int header = text.indexOf("end_header\n") + 11;
        assertThat(text.substring(0, header).lines().filter(line -> !line.startsWith("comment ")))
                .containsExactly(
                        "ply",
                        "format binary_little_endian 1.0",
                        "element vertex 6",
                        "property float x",
                        "property float y",
                        "property float z",
                        "property float nx",
                        "property float ny",
                        "property float nz",
                        "property uchar red",
                        "property uchar green",
                        "property uchar blue",
                        "element face 8",
                        "property list uchar int vertex_indices",
                        "end_header");
        assertThat(file.limit()).isEqualTo(header + 6 * 27 + 8 * 13);
        assertThat(file.getFloat(header + 2 * 27 + 4)).isEqualTo(0.1f);
        assertThat(file.getFloat(header + 2 * 27 + 16)).isEqualTo(1);
        assertThat(file.get(header + 2 * 27 + 25)).isEqualTo((byte) (13 * 7));
        assertThat(file.get(header + 6 * 27 + 13)).isEqualTo((byte) 3);
        assertThat(file.getInt(header + 6 * 27 + 13 + 9)).isEqualTo(1);
    }

    @Test
    void objCountsFromOne() throws IOException {
        String text = new String(written("a.obj", octahedron()), StandardCharsets.US_ASCII);
        assertThat(text.lines().filter(line -> !line.startsWith("# ")))
                .startsWith("v 0.1 0.0 0.0 0.0 " + 13 / 255f + " " + 26 / 255f)
                .contains("vn 0.0 -1.0 0.0", "f 5//5 1//1 3//3")
                .hasSize(6 + 6 + 8);
        PointCloud bare = new PointCloud(CORNERS, new byte[0], new float[0]);
        assertThat(new String(written("b.obj", new TriangleMesh(bare, FACES)), StandardCharsets.US_ASCII))
                .contains("v 0.1 0.0 0.0\n", "f 5 1 3\n")
                .doesNotContain("vn");
    }

    @Test
    void glbIsAsTheSpecificationSays() throws IOException {
        byte[] bytes = written("a.glb", octahedron());
        ByteBuffer file = numbers(bytes);
        assertThat(file.getInt(0)).isEqualTo(0x46546c67);
        assertThat(file.getInt(4)).isEqualTo(2);
        assertThat(file.getInt(8)).isEqualTo(file.limit());
        int json = file.getInt(12);
        assertThat(json % 4).isZero();
        assertThat(file.getInt(16)).isEqualTo(0x4e4f534a);
        assertThat(file.getInt(20 + json)).isEqualTo(6 * (12 + 12 + 8) + 24 * 4);
        assertThat(file.getInt(24 + json)).isEqualTo(0x004e4942);
        assertThat(file.limit()).isEqualTo(28 + json + file.getInt(20 + json));
        JsonNode gltf = new ObjectMapper().readTree(bytes, 20, json);
        JsonNode accessors = gltf.get("accessors");
        JsonNode primitive = gltf.at("/meshes/0/primitives/0");
        assertThat(primitive.get("mode").intValue()).isEqualTo(4);
        assertThat(gltf.at("/buffers/0/byteLength").intValue()).isEqualTo(file.getInt(20 + json));
        int binary = 28 + json;
        for (int axis = 0; axis < 3; axis++) {
            JsonNode positions = accessors.get(0);
            assertThat(positions.get("min").get(axis).doubleValue()).isEqualTo(-0.1f);
            assertThat(positions.get("max").get(axis).doubleValue()).isEqualTo(0.1f);
        }
        assertThat(file.getFloat(binary + offset(gltf, primitive, "POSITION") + 12))
                .isEqualTo(-0.1f);
        assertThat(file.getFloat(binary + offset(gltf, primitive, "NORMAL") + 12))
                .isEqualTo(-1);
        int colour = binary + offset(gltf, primitive, "COLOR_0");
        double srgb = 13 * 4 / 255.0; // of the second vertex, green
        assertThat((file.getShort(colour + 8 + 2) & 0xffff) / 65535.0)
                .isCloseTo(Math.pow((srgb + 0.055) / 1.055, 2.4), within(1e-5));
        assertThat(file.getShort(colour + 8 + 6)).isEqualTo((short) 0xffff);
        JsonNode corners = accessors.get(primitive.get("indices").intValue());
        int indices = gltf.get("bufferViews")
                .get(corners.get("bufferView").intValue())
                .get("byteOffset")
                .intValue();
        assertThat(corners.get("count").intValue()).isEqualTo(24);
        assertThat(file.getInt(binary + indices + 4 * 23)).isEqualTo(3);
    }

    private static int offset(JsonNode gltf, JsonNode primitive, String attribute) {
        int accessor = primitive.get("attributes").get(attribute).intValue();
        int view = gltf.get("accessors").get(accessor).get("bufferView").intValue();
        return gltf.get("bufferViews").get(view).get("byteOffset").intValue();
    }

    @Test
    void pointsAloneAreShownAsPoints() throws IOException {
        Path file = folder.resolve("points.GLB");
        ShapeFile.write(file, new PointCloud(CORNERS, new byte[0], new float[0]));
        byte[] bytes = Files.readAllBytes(file);
        JsonNode gltf = new ObjectMapper().readTree(bytes, 20, numbers(bytes).getInt(12));
        assertThat(gltf.at("/meshes/0/primitives/0/mode").intValue()).isZero();
        assertThat(gltf.at("/meshes/0/primitives/0").has("indices")).isFalse();
        assertThat(gltf.get("accessors")).hasSize(1);
        ShapeFile.write(folder.resolve("points.ply"), new PointCloud(CORNERS, new byte[0], new float[0]));
        assertThat(Files.size(folder.resolve("points.ply"))).isLessThan(400);
    }

    /** More than the pieces in which files are written, and a glTF normal of the wrong length. */
    @Test
    void largeMeshesAreWhole() throws IOException {
        float[] positions = new float[3 * 20_000];
        float[] normals = new float[positions.length];
        int[] triangles = new int[3 * 30_000];
        Random random = new Random(5);
        for (int i = 0; i < positions.length; i++) {
            positions[i] = random.nextFloat();
            normals[i] = random.nextFloat();
        }
        for (int i = 0; i < triangles.length; i++) {
            triangles[i] = random.nextInt(20_000);
        }
        TriangleMesh mesh = new TriangleMesh(new PointCloud(positions, new byte[positions.length], normals), triangles);
        ByteBuffer ply = numbers(written("a.ply", mesh));
        int end = ply.limit();
        assertThat(ply.getInt(end - 4)).isEqualTo(triangles[triangles.length - 1]);
        assertThat(ply.getFloat(end - 13 * 30_000 - 27)).isEqualTo(positions[positions.length - 3]);
        ByteBuffer glb = numbers(written("a.glb", mesh));
        int binary = 28 + glb.getInt(12);
        assertThat(glb.getFloat(binary + 4 * (positions.length - 1))).isEqualTo(positions[positions.length - 1]);
        for (int i = 0; i < 20_000; i++) {
            int at = binary + 4 * positions.length + 12 * i;
            double length = Math.hypot(Math.hypot(glb.getFloat(at), glb.getFloat(at + 4)), glb.getFloat(at + 8));
            assertThat(length).isCloseTo(1, within(1e-6));
        }
        List<String> obj = new String(written("a.obj", mesh), StandardCharsets.US_ASCII)
                .lines()
                .toList();
        assertThat(obj).hasSize(2 + 2 * 20_000 + 30_000); // two lines say what it is
        int last = triangles[triangles.length - 1] + 1;
        assertThat(obj.getLast()).endsWith(" " + last + "//" + last);
    }

    @Test
    void whatCannotBeWrittenIsNamedAndLeavesNothing() throws IOException {
        PointCloud none = new PointCloud(new float[0], new byte[0], new float[0]);
        assertThatThrownBy(() -> ShapeFile.write(folder.resolve("a.stl"), octahedron()))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("a.stl", ".ply");
        assertThatThrownBy(() -> ShapeFile.write(folder.resolve("a.glb"), none))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no point");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    /** For scripts/check-3d.py, which has other programs read it. */
    @Test
    void closedSurfaceForOtherPrograms() {
        for (String ending : List.of("ply", "glb", "obj")) {
            Path file = Path.of("target", "check-3d", "closed." + ending);
            ShapeFile.write(file, octahedron());
            assertThat(file).isNotEmptyFile();
        }
    }
}
