package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.cli.TinyDataSet.Pixels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A data set in each layout of normals, judged with predictions of which the figures can be found by hand. */
class NormalBenchmarksTest {
    private static final int TOWARD = 0x8080ff;
    private static final int LEFT = 0xff8080;

    @TempDir
    Path folder;

    private TinyDataSet data;
    private TinyDataSet predictions;

    @BeforeEach
    void folders() throws IOException {
        data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        predictions = new TinyDataSet(Files.createDirectory(folder.resolve("predictions")));
    }

    /** By a list of all images. */
    private Ran judge(String benchmark) throws IOException {
        return Ran.of(
                "eval",
                benchmark,
                data.folder(),
                "--list",
                data.listOf("_img.png"),
                "--predictions",
                predictions.folder(),
                "--output",
                folder.resolve("out"));
    }

    private JsonNode measures(String benchmark) throws IOException {
        Ran ran = judge(benchmark);
        assertThat(ran.code()).as(ran.err()).isZero();
        return new ObjectMapper()
                .readTree(folder.resolve("out")
                        .resolve(benchmark)
                        .resolve("summary.json")
                        .toFile())
                .get("measures");
    }

    private void resource(String name, String to) throws IOException {
        Path file = data.folder().resolve(to);
        Files.createDirectories(file.getParent());
        try (InputStream in = NormalBenchmarksTest.class.getResourceAsStream("/eval/" + name)) {
            Files.copy(Objects.requireNonNull(in), file);
        }
    }

    /** Of two images, over all their valid pixels: three that are right of four; black ones do not count. */
    @ParameterizedTest
    @ValueSource(strings = {"nyuv2-normal", "scannet-normal"})
    void normalsInColours(String benchmark) throws IOException {
        data.picture("test/000000_img.png", 4, 2);
        data.colours("test/000000_normal.png", 4, 2, (x, y) -> x == 1 && y == 1 ? TOWARD : 0);
        predictions.colours("test_000000_norm.png", 4, 2, (x, y) -> x == 1 && y == 1 ? TOWARD : LEFT);
        data.picture("test/000001_img.png", 4, 2);
        data.colours("test/000001_normal.png", 4, 2, (x, y) -> y == 0 && x < 3 ? TOWARD : 0);
        predictions.colours("test_000001_norm.png", 4, 2, (x, y) -> x == 2 ? LEFT : TOWARD);
        double middle = 128 / 127.5 - 1; // what stands for 0
        double wrong = Math.toDegrees(Math.acos((2 * middle + middle * middle) / (1 + 2 * middle * middle)));
        JsonNode measures = measures(benchmark);
        assertThat(measures.get("mean").doubleValue()).isCloseTo(wrong / 4, within(1e-4));
        assertThat(measures.get("median").doubleValue()).isCloseTo(0, within(1e-3));
        assertThat(measures.get("rmse").doubleValue()).isCloseTo(wrong / 2, within(1e-4));
        assertThat(measures.get("below_5").doubleValue()).isEqualTo(75);
        assertThat(measures.get("below_30").doubleValue()).isEqualTo(75);
    }

    /** Without blue, a normal points away; it is none that is unknown. */
    @Test
    void normalsThatPointAwayCount() throws IOException {
        data.picture("test/000000_img.png", 4, 2);
        data.colours("test/000000_normal.png", 4, 2, (x, y) -> x < 2 ? TOWARD : 0x808000);
        predictions.colours("test_000000_norm.png", 4, 2, (x, y) -> TOWARD);
        assertThat(measures("nyuv2-normal").get("below_5").doubleValue()).isEqualTo(50);
    }

    /** Files that OpenCV wrote, of 6×20 normals (x/16, y/32, 1), which half precision has exactly. */
    @ParameterizedTest
    @ValueSource(strings = {"zip-single", "zips-half", "none-single"})
    void normalsInOpenExr(String file) throws IOException {
        data.picture("ibims/corridor_01_img.png", 6, 20);
        resource(file + ".exr", "ibims/corridor_01_normal.exr");
        predictions.array("ibims/corridor_01_img_normal.npy", normalsOfTheExr(), 20, 6, 3);
        JsonNode measures = measures("ibims-normal");
        assertThat(measures.get("mean").doubleValue()).isCloseTo(0, within(1e-4));
        assertThat(measures.get("below_5").doubleValue()).isEqualTo(100);
    }

    /** As Lotus's own evaluation leaves them: of 32×32 pixels around 6×20, 13 columns on the left and 6 rows above. */
    @Test
    void predictionsWithTheirFrameAreCut() throws IOException {
        data.picture("ibims/corridor_01_img.png", 6, 20);
        resource("none-single.exr", "ibims/corridor_01_normal.exr");
        float[] inside = normalsOfTheExr();
        float[] normals = new float[3 * 32 * 32];
        for (int i = 0; i < 32 * 32; i++) {
            int x = i % 32 - 13;
            int y = i / 32 - 6;
            if (x >= 0 && x < 6 && y >= 0 && y < 20) {
                System.arraycopy(inside, 3 * (y * 6 + x), normals, 3 * i, 3);
            } else {
                normals[3 * i + 2] = -1;
            }
        }
        predictions.array("ibims/corridor_01_img_normal.npy", normals, 32, 32, 3);
        assertThat(measures("ibims-normal").get("mean").doubleValue()).isCloseTo(0, within(1e-4));
    }

    /** Sintel's are of length 0 where nothing is known, resized ones in between: the last row's first is 0.3 long here. */
    @Test
    void shortNormalsInOpenExrAreUnknown() throws IOException {
        data.picture("ibims/corridor_01_img.png", 6, 20);
        Path file = data.folder().resolve("ibims/corridor_01_normal.exr");
        resource("none-single.exr", "ibims/corridor_01_normal.exr");
        ByteBuffer exr = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int row = 6 * Float.BYTES; // of each channel, the file's end
        exr.putFloat(exr.limit() - 3 * row, 0.3f);
        exr.putFloat(exr.limit() - 2 * row, 0);
        exr.putFloat(exr.limit() - row, 0);
        Files.write(file, exr.array());
        float[] normals = normalsOfTheExr();
        normals[3 * 6 * 19 + 2] = -1;
        predictions.array("ibims/corridor_01_img_normal.npy", normals, 20, 6, 3);
        assertThat(measures("ibims-normal").get("mean").doubleValue()).isCloseTo(0, within(1e-4));
    }

    private static float[] normalsOfTheExr() {
        float[] normals = new float[3 * 6 * 20];
        for (int i = 0; i < 6 * 20; i++) {
            int row = i / 6;
            normals[3 * i] = i % 6 / 16f;
            normals[3 * i + 1] = row / 32f;
            normals[3 * i + 2] = 1;
        }
        return normals;
    }

    @Test
    void otherCompressionIsNamed() throws IOException {
        data.picture("alley_1/frame_0001_img.png", 6, 20);
        resource("piz-single.exr", "alley_1/frame_0001_normal.exr");
        predictions.colours("alley_1_frame_0001_norm.png", 6, 20, (x, y) -> TOWARD);
        Ran ran = judge("sintel-normal");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("frame_0001_normal.exr: found compression 4, expected 0 (none), 2 or 3 (ZIP)");
    }

    /**
     * Files that Python pickled: of an image of 8×9 pixels, columns 2 to 4, rows 3 to 6, where the normal is (x/16, y/32, 1) of the part's
     * own columns and rows, x to the right and y down.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 5})
    void normalsInAPickle(int protocol) throws IOException {
        data.picture("val/100277_DT_img.png", 8, 9);
        resource("oasis-protocol-" + protocol + ".pkl", "val/100277_DT_normal.pkl");
        Pixels toward = (x, y) -> TOWARD;
        predictions.colours("val_100277_DT_norm.png", 8, 9, toward);
        double middle = 128 / 127.5 - 1;
        double sum = 0;
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 3; x++) {
                double product = -middle * x / 16 - middle * y / 32 + 1;
                double lengths = Math.sqrt(1 + 2 * middle * middle) * Math.sqrt(x * x / 256.0 + y * y / 1024.0 + 1);
                sum += Math.toDegrees(Math.acos(product / lengths));
            }
        }
        assertThat(measures("oasis-normal").get("mean").doubleValue()).isCloseTo(sum / 12, within(1e-4));
    }

    @Test
    void aPickleThatIsCutOffIsNamed() throws IOException {
        data.picture("val/100277_DT_img.png", 8, 9);
        resource("oasis-protocol-5.pkl", "val/100277_DT_normal.pkl");
        Path file = data.folder().resolve("val/100277_DT_normal.pkl");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        predictions.colours("val_100277_DT_norm.png", 8, 9, (x, y) -> TOWARD);
        Ran ran = judge("oasis-normal");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("100277_DT_normal.pkl: found no pickle of min_x, min_y, max_x, max_y and an array normal");
    }
}
