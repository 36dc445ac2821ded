package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.Provenance;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What is in the files of predictions, and what they say of themselves. scripts/check-files.py has other programs read them. */
class WrittenFilesTest {
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);
    /** A name that every format has to escape, or to keep. */
    private static final String NAME = "lotus-disparity-g <ü> \"&\" 'x'";

    @TempDir
    static Path folder;

    private static Path depthModel;
    private static RgbImage image;
    private static DepthMap depth; // of an ensemble
    private static Geometry geometry;

    @TempDir
    Path out;

    @BeforeAll
    static void predict() throws IOException {
        depthModel = SyntheticCheckpoint.write(folder.resolve(NAME), Architecture.TINY, Mode.G, 1, DType.F16);
        Path normalModel =
                SyntheticCheckpoint.write(folder.resolve("lotus-normal-d"), Architecture.TINY, Mode.D, 2, DType.F16);
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        new Random(3).nextBytes(rgb);
        image = RgbImage.of(WIDTH, HEIGHT, rgb);
        try (Lotus lotus =
                Lotus.builder().depth(depthModel).normal(normalModel).threads(1).build()) {
            depth = lotus.predictDepth(image, NATIVE.withSeed(5).withEnsemble(2).withLatentSampleSeed(9));
            geometry = lotus.predictGeometry(
                    image, NATIVE.withProcessingResolution(18).withSeed(7));
        }
    }

    private PredictionWriter writer(Format first, Format... others) {
        return new PredictionWriter(out, EnumSet.of(first, others));
    }

    private static DepthView view() {
        return DepthView.of(geometry.depth().spanning(1, 10), Camera.of(image))
                .withColours(image)
                .withNormals(geometry.normals());
    }

    private static String fingerprint() {
        try (Checkpoint checkpoint = Checkpoint.open(depthModel)) {
            return checkpoint.contentFingerprint();
        }
    }

    /** What every file of the depth map says. */
    private static Map<String, String> said() {
        Map<String, String> said = new LinkedHashMap<>();
        said.put("kind", "affine disparity");
        said.put("meaning", "1 near, 0 far: inverse distance up to an unknown scale and shift");
        said.put("checkpoint", NAME);
        said.put("checkpoint_fingerprint", fingerprint());
        said.put("processing_size", "24x16");
        said.put("seed", "5");
        said.put("steps", "1");
        said.put("ensemble", "2");
        said.put("latent_sample_seed", "9");
        return said;
    }

    private static void requireSaid(JsonNode json) {
        assertThat(json.get("software").textValue()).isEqualTo("Lotus for Java " + Lotus.version());
        said().forEach((name, value) -> assertThat(json.get(name).textValue()).isEqualTo(value));
        assertThat(json).hasSize(said().size() + 1);
    }

    @Test
    void predictionsKnowWhatMadeThem() {
        assertThat(depth.provenance())
                .contains(new Provenance(
                        NAME,
                        fingerprint(),
                        WIDTH,
                        HEIGHT,
                        OptionalLong.of(5),
                        1,
                        2,
                        OptionalLong.of(9),
                        OptionalInt.empty(),
                        OptionalDouble.empty()));
        Provenance normals = geometry.normals().provenance().orElseThrow();
        assertThat(normals.checkpoint()).isEqualTo("lotus-normal-d");
        assertThat(normals.seed()).isEmpty(); // Lotus-D
        assertThat(normals.width()).isEqualTo(18);
        assertThat(normals.height()).isEqualTo(12);
        assertThat(Lotus.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        DepthMap relative = depth.spanning(1, 10).within(0, 5).toRelative(DepthKind.AFFINE_DEPTH);
        assertThat(relative.provenance()).isEqualTo(depth.provenance());
    }

    /** An array file as NumPy has it. */
    private record Array(String header, byte[] content) {
        static Array of(byte[] file) {
            int length = (file[8] & 0xff) + 256 * file[9];
            assertThat((10 + length) % 64).isZero();
            return new Array(
                    new String(file, 10, length, StandardCharsets.US_ASCII),
                    Arrays.copyOfRange(file, 10 + length, file.length));
        }

        float[] floats() {
            float[] values = new float[content.length / Float.BYTES];
            ByteBuffer.wrap(content)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }

        String text() {
            return new String(content, StandardCharsets.UTF_32LE);
        }
    }

    private List<Array> arrays(String file, String... names) throws IOException {
        List<Array> arrays = new ArrayList<>();
        List<String> found = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(out.resolve(file)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                found.add(entry.getName());
                arrays.add(Array.of(zip.readAllBytes()));
            }
        }
        assertThat(found).containsExactly(names);
        return arrays;
    }

    @Test
    void archiveHoldsAllArraysAndWhatTheyAre() throws IOException {
        assertThat(writer(Format.NPZ).write("a", depth)).containsExactly(out.resolve("a_depth.npz"));
        List<Array> arrays = arrays(
                "a_depth.npz", "depth.npy", "depth_metadata.npy", "depth_spread.npy", "depth_spread_metadata.npy");
        assertThat(arrays.get(0).floats()).isEqualTo(depth.toArray());
        assertThat(arrays.get(0).header()).contains("'<f4'", "(16, 24,)");
        String text = arrays.get(1).text();
        assertThat(arrays.get(1).header()).contains("'<U" + text.length() + "'", "'shape': ()");
        requireSaid(new ObjectMapper().readTree(text));
        assertThat(arrays.get(2).floats())
                .isEqualTo(depth.spread().orElseThrow().toArray());
        JsonNode spread = new ObjectMapper().readTree(arrays.get(3).text());
        assertThat(spread.get("kind").textValue()).isEqualTo("spread of affine disparity");
        byte[] first = Files.readAllBytes(out.resolve("a_depth.npz"));
        writer(Format.NPZ).write("a", depth);
        assertThat(out.resolve("a_depth.npz")).hasBinaryContent(first);
    }

    @Test
    void geometryIsOneArchive() throws IOException {
        assertThat(writer(Format.NPZ, Format.NPY).write("a", geometry))
                .containsExactly(
                        out.resolve("a_depth.npy"), out.resolve("a_normal.npy"), out.resolve("a_geometry.npz"));
        List<Array> arrays =
                arrays("a_geometry.npz", "depth.npy", "depth_metadata.npy", "normal.npy", "normal_metadata.npy");
        assertThat(arrays.get(2).floats()).isEqualTo(geometry.normals().toArray());
        assertThat(arrays.get(2).header()).contains("(16, 24, 3,)");
        JsonNode normals = new ObjectMapper().readTree(arrays.get(3).text());
        assertThat(normals.get("kind").textValue()).isEqualTo("normals");
        assertThat(normals.get("axes").textValue()).isEqualTo("x to the left, y up, z toward the camera");
        assertThat(normals.get("checkpoint").textValue()).isEqualTo("lotus-normal-d");
        assertThat(normals.has("seed")).isFalse();
        assertThat(writer(Format.NPZ).write("b", geometry.normals())).containsExactly(out.resolve("b_normal.npz"));
    }

    private record Read(BufferedImage image, IIOMetadata metadata) {}

    private Read read(String file) throws IOException {
        try (ImageInputStream in =
                ImageIO.createImageInputStream(out.resolve(file).toFile())) {
            ImageReader reader = ImageIO.getImageReaders(in).next();
            reader.setInput(in);
            return new Read(reader.read(0), reader.getImageMetadata(0));
        }
    }

    @Test
    void tiffKeepsEveryBit() throws IOException {
        assertThat(writer(Format.TIFF).write("a", depth))
                .containsExactly(out.resolve("a_depth.tiff"), out.resolve("a_depth_spread.tiff"));
        Read read = read("a_depth.tiff");
        assertThat(read.image().getRaster().getPixels(0, 0, WIDTH, HEIGHT, (float[]) null))
                .isEqualTo(depth.toArray());
        TIFFDirectory tags = TIFFDirectory.createFromMetadata(read.metadata());
        requireSaid(new ObjectMapper().readTree(tags.getTIFFField(270).getAsString(0)));
        assertThat(tags.getTIFFField(305).getAsString(0)).isEqualTo("Lotus for Java " + Lotus.version());
        assertThat(tags.getTIFFField(339).getAsInt(0)).isEqualTo(3); // floating point
        writer(Format.TIFF).write("a", geometry.normals());
        float[] vectors = read("a_normal.tiff").image().getRaster().getPixels(0, 0, WIDTH, HEIGHT, (float[]) null);
        assertThat(vectors).isEqualTo(geometry.normals().toArray());
        boolean negative = false;
        for (float each : vectors) {
            negative |= each < 0;
        }
        assertThat(negative).isTrue();
    }

    private static Map<String, String> texts(IIOMetadata metadata) {
        Map<String, String> texts = new LinkedHashMap<>();
        NodeList nodes = ((Element) metadata.getAsTree("javax_imageio_png_1.0")).getElementsByTagName("iTXtEntry");
        for (int i = 0; i < nodes.getLength(); i++) {
            Element node = (Element) nodes.item(i);
            texts.put(node.getAttribute("keyword"), node.getAttribute("text"));
        }
        return texts;
    }

    @Test
    void picturesHaveTexts() throws IOException {
        writer(Format.PNG, Format.PREVIEW).withColours(ColourMap.VIRIDIS).write("a", depth);
        Map<String, String> expected = said();
        expected.put("Software", "Lotus for Java " + Lotus.version());
        expected.put("encoding", "round(65535 * value)");
        assertThat(texts(read("a_depth.png").metadata())).containsExactlyInAnyOrderEntriesOf(expected);
        Map<String, String> preview = texts(read("a_depth_preview.png").metadata());
        assertThat(preview).containsAllEntriesOf(said());
        assertThat(preview.get("encoding")).isEqualTo("colours, from dark violet to yellow");
        assertThat(preview.get("colormap")).isEqualTo("viridis");
        float[] sorted = depth.toArray();
        Arrays.sort(sorted);
        assertThat(preview.get("range")).isEqualTo(sorted[0] + "," + sorted[sorted.length - 1]);
        assertThat(texts(read("a_depth_spread.png").metadata()).get("kind")).isEqualTo("spread of affine disparity");
        writer(Format.PNG).write("a", geometry.normals());
        assertThat(texts(read("a_normal.png").metadata()))
                .containsEntry("kind", "normals")
                .containsEntry("processing_size", "18x12");
    }

    /** Depth and disparity of the same thing look alike, in every map. */
    @ParameterizedTest
    @CsvSource({
        "SPECTRAL, 0xff9e0142, 0xff5e4fa2",
        "TURBO, 0xff7a0402, 0xff30123b",
        "VIRIDIS, 0xfffde724, 0xff440154",
        "GREY, 0xffffffff, 0xff000000"
    })
    void nearIsTheWarmOrBrightEndOfTheRange(ColourMap map, String near, String far) throws IOException {
        float[] values = {0.2f, 0.4f, 0.8f, 0.9f}; // of a range from 0.4 to 0.8
        for (DepthKind kind : DepthKind.values()) {
            writer(Format.PREVIEW)
                    .withColours(map)
                    .withRange(new ValueRange(0.4f, 0.8f))
                    .write("b", DepthMap.of(4, 1, values, kind));
            Read read = read("b_depth_preview.png");
            int small = Integer.parseUnsignedInt((kind == DepthKind.AFFINE_DEPTH ? near : far).substring(2), 16);
            int large = Integer.parseUnsignedInt((kind == DepthKind.AFFINE_DEPTH ? far : near).substring(2), 16);
            assertThat(read.image().getRGB(0, 0, 4, 1, null, 0, 4)).containsExactly(small, small, large, large);
            assertThat(texts(read.metadata())).containsEntry("range", "0.4,0.8").doesNotContainKey("checkpoint");
        }
    }

    @Test
    void aWallHasOneColour() throws IOException {
        for (float value : new float[] {0.5f, 0, 1e30f, -Float.MAX_VALUE, Float.MAX_VALUE}) {
            float[] values = {value, value};
            writer(Format.PREVIEW).write("w", DepthMap.of(2, 1, values, DepthKind.AFFINE_DEPTH));
            assertThat(read("w_depth_preview.png").image().getRGB(1, 0)).isEqualTo(0xff9e0142);
        }
    }

    @Test
    void shapesSayWhatBothPredictionsAre() throws IOException {
        writer(Format.PLY, Format.GLB, Format.OBJ, Format.HTML)
                .withColours(ColourMap.TURBO)
                .write("a", "geometry", WrittenFilesTest::view);
        byte[] glb = Files.readAllBytes(out.resolve("a_geometry.glb"));
        JsonNode asset = new ObjectMapper()
                .readTree(
                        glb,
                        20,
                        ByteBuffer.wrap(glb).order(ByteOrder.LITTLE_ENDIAN).getInt(12))
                .get("asset");
        assertThat(asset.get("generator").textValue()).isEqualTo("Lotus for Java " + Lotus.version());
        JsonNode extras = asset.get("extras");
        assertThat(extras.get("kind").textValue()).isEqualTo("shape");
        assertThat(extras.get("predicted").textValue()).isEqualTo("depth and normals");
        assertThat(extras.get("depth_checkpoint").textValue()).isEqualTo(NAME);
        assertThat(extras.get("depth_checkpoint_fingerprint").textValue()).isEqualTo(fingerprint());
        assertThat(extras.get("depth_seed").textValue()).isEqualTo("7");
        assertThat(extras.get("normals_checkpoint").textValue()).isEqualTo("lotus-normal-d");
        assertThat(extras.get("normals_processing_size").textValue()).isEqualTo("18x12");
        String escaped = "lotus-disparity-g <\\u00FC> \\\"&\\\" 'x'";
        String ply = new String(Files.readAllBytes(out.resolve("a_geometry.ply")), StandardCharsets.ISO_8859_1);
        assertThat(ply.substring(0, ply.indexOf("end_header")))
                .matches("[\\n\\x20-\\x7e]*")
                .contains("\ncomment depth_checkpoint: " + escaped + "\n")
                .contains("\ncomment normals_checkpoint: lotus-normal-d\n");
        assertThat(Files.readString(out.resolve("a_geometry.obj"), StandardCharsets.US_ASCII))
                .contains("\n# software: Lotus for Java " + Lotus.version() + "\n")
                .contains("\n# depth_checkpoint: " + escaped + "\n");
        assertThat(Files.readString(out.resolve("a_geometry.html")))
                .contains("<meta name=\"generator\" content=\"Lotus for Java " + Lotus.version() + "\">")
                .contains("<meta name=\"lotus:depth_checkpoint\""
                        + " content=\"lotus-disparity-g &lt;ü&gt; &quot;&amp;&quot; &#39;x&#39;\">")
                .contains("red is near, dark blue is far");
    }

    @Test
    void noFileNamesAPath() throws IOException {
        PredictionWriter writer = new PredictionWriter(out, EnumSet.allOf(Format.class));
        writer.write("a", depth);
        writer.write("b", geometry);
        writer.write("b", "geometry", WrittenFilesTest::view);
        try (var files = Files.list(out)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(9 + 4 + 3 + 1 + 4);
            for (Path each : all) {
                assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
                        .as("%s", each)
                        .doesNotContain(folder.toString())
                        .doesNotContain(out.toString());
            }
        }
    }

    /** What programs read is in digits that they know: Persian has others. */
    @Test
    void filesAreTheSameInEveryLanguage() throws IOException {
        Locale before = Locale.getDefault();
        try {
            for (String language : new String[] {"en-GB", "fa-IR"}) {
                Locale.setDefault(Locale.forLanguageTag(language));
                PredictionWriter writer =
                        new PredictionWriter(Files.createDirectory(out.resolve(language)), EnumSet.allOf(Format.class));
                writer.write("a", depth);
                writer.write("b", geometry);
                writer.write("b", "geometry", WrittenFilesTest::view);
            }
        } finally {
            Locale.setDefault(before);
        }
        try (var files = Files.list(out.resolve("en-GB"))) {
            assertThat(files)
                    .hasSize(9 + 4 + 3 + 1 + 4)
                    .allSatisfy(each -> assertThat(out.resolve("fa-IR").resolve(each.getFileName()))
                            .hasSameBinaryContentAs(each));
        }
    }

    @Test
    void mapsFromElsewhereHaveNoOrigin() {
        NormalMap normals = NormalMap.of(1, 1, new float[] {0, 0, 1}, NormalAxes.DSINE);
        assertThat(Metadata.of(normals).entries()).containsOnlyKeys("kind", "axes");
        DepthView shape = DepthView.of(
                DepthMap.of(2, 1, new float[] {0, 1}, DepthKind.AFFINE_DEPTH).spanning(1, 2),
                Camera.ofHorizontalFieldOfView(2, 1, 60));
        assertThat(Metadata.of(shape).entries()).containsOnlyKeys("kind", "horizontal_field_of_view");
        assertThat(Metadata.NONE.json()).isEqualTo("{\"software\":\"Lotus for Java " + Lotus.version() + "\"}");
    }
}
