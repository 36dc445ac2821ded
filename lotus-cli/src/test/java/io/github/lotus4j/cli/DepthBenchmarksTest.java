package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.cli.TinyDataSet.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data set in each layout of depth, judged with predictions of which the figures can be found by hand. What counts is in four equal
 * stripes, of 1, 1, 3 and 5 m, for which the prediction says 0, 0, 1 and 1: by least squares 1, 1, 4 and 4 m. Everything that must not count
 * has values that would change the result.
 */
class DepthBenchmarksTest {
    private static final double[] METRES = {1, 1, 3, 5};
    private static final double[] PREDICTED = {0, 0, 1, 1};

    @TempDir
    Path folder;

    private TinyDataSet data;
    private TinyDataSet predictions;

    @BeforeEach
    void folders() throws IOException {
        data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        predictions = new TinyDataSet(Files.createDirectory(folder.resolve("predictions")));
    }

    private JsonNode summary(String benchmark, Path source, Path list, String kind) throws IOException {
        Path output = folder.resolve("out");
        Ran ran = Ran.of(
                "eval",
                benchmark,
                source,
                "--list",
                list,
                "--predictions",
                predictions.folder(),
                "--kind",
                kind,
                "--output",
                output);
        assertThat(ran.code()).as(ran.err()).isZero();
        Path results = output.resolve(benchmark);
        assertThat(results.resolve("worst")).isDirectoryContaining("glob:**/01-*.png");
        return new ObjectMapper().readTree(results.resolve("summary.json").toFile());
    }

    /** |4 - 3| / 3 and |4 - 5| / 5 of two stripes of four; 4/3 and 5/4 are not below 1.25, and are below its square. */
    private static void assertStripes(JsonNode summary) {
        JsonNode measures = summary.get("measures");
        assertThat(measures.get("abs_relative_difference").doubleValue())
                .isCloseTo((1 / 3.0 + 1 / 5.0) / 4, within(1e-6));
        assertThat(measures.get("squared_relative_difference").doubleValue())
                .isCloseTo((1 / 3.0 + 1 / 5.0) / 4, within(1e-6));
        assertThat(measures.get("rmse_linear").doubleValue()).isCloseTo(Math.sqrt(0.5), within(1e-6));
        assertThat(measures.get("delta1_acc").doubleValue()).isEqualTo(0.5);
        assertThat(measures.get("delta2_acc").doubleValue()).isEqualTo(1);
    }

    @Test
    void nyuv2CountsInsideEigensCropAndFromATar() throws IOException {
        Pixels stripe = (x, y) -> Math.floor((x - 41) * 4 / 560.0); // of columns 41 to 600, rows 45 to 470
        data.picture("test/kitchen_0004/rgb_0001.png", 640, 480);
        data.grey16("test/kitchen_0004/depth_0001.png", 640, 480, (x, y) -> {
            boolean inside = x >= 41 && x < 601 && y >= 45 && y < 471;
            return !inside ? 9000 : y == 100 ? 10000 : y == 101 ? 1 : 1000 * METRES[(int) stripe.at(x, y)];
        });
        predictions.npy("test/kitchen_0004/pred_0001.npy", 640, 480, (x, y) -> {
            boolean inside = x >= 41 && x < 601 && y >= 45 && y < 471;
            return !inside || y == 100 || y == 101 ? 0.7 : PREDICTED[(int) stripe.at(x, y)];
        });
        Path list = data.list(
                "test/kitchen_0004/rgb_0001.png test/kitchen_0004/depth_0001.png test/kitchen_0004/filled_0001.png");
        JsonNode summary = summary("nyuv2", data.tar(), list, "depth");
        assertStripes(summary);
        JsonNode paper = summary.at("/paper/lotus-d");
        assertThat(paper.get("error").doubleValue()).isEqualTo(5.1);
        assertThat(paper.get("share_difference").doubleValue()).isCloseTo(50 - 97.2, within(1e-9));
        assertThat(Files.readString(folder.resolve("out/nyuv2/summary.md")))
                .contains("| Lotus-D, paper | 5.1 (+8.23) |");
    }

    @Test
    void kittiIsCutToItsBenchmarkAndCountsInsideEigensCrop() throws IOException {
        // of 1242×375, columns 13 to 1228 and rows 23 to 374; of those, columns 43 to 1171 and rows 117 to 320
        String image = "2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png";
        String depth = "2011_09_26_drive_0002_sync/proj_depth/groundtruth/image_02/0000000069.png";
        data.picture(image, 1242, 375);
        data.grey16(depth, 1242, 375, (x, y) -> {
            boolean inside = x >= 56 && x < 1185 && y >= 140 && y < 344;
            return !inside ? 9 * 256 : x % 7 == 0 ? 0 : 256 * METRES[(y - 140) / 51];
        });
        predictions.npy(
                "2011_09_26/2011_09_26_drive_0002_sync/image_02/data/pred_0000000069.npy",
                1216,
                352,
                (x, y) -> y < 117 || y >= 321 || x < 43 || x >= 1172 || (x + 13) % 7 == 0
                        ? 0.7
                        : PREDICTED[(y - 117) / 51]);
        Path list = data.list(image + " " + depth + " 721.5377", "2011_09_26/none.png None 721.5377");
        assertStripes(summary("kitti", data.folder(), list, "depth"));
    }

    @Test
    void eth3dHasNoHeaderAndIsInfiniteWhereUnknown() throws IOException {
        data.picture("rgb/office/images/dslr_images/DSC_0219.JPG", 40, 24);
        data.raw(
                "depth/office/ground_truth_depth/dslr_images/DSC_0219.JPG",
                40,
                24,
                (x, y) -> y == 3 ? Double.POSITIVE_INFINITY : METRES[x / 10]);
        predictions.npy(
                "rgb/office/images/dslr_images/pred_DSC_0219.npy", 40, 24, (x, y) -> y == 3 ? 0.7 : PREDICTED[x / 10]);
        Path list = data.list(
                "rgb/office/images/dslr_images/DSC_0219.JPG depth/office/ground_truth_depth/dslr_images/DSC_0219.JPG");
        assertStripes(summary("eth3d", data.folder(), list, "depth"));
    }

    /** 108 · prediction + 10 is 10, 10, 118 and 64 m: off by 9, 9, 0.18 and 0.36 of the truth. */
    @Test
    void eth3dHasNoLargestDepth() throws IOException {
        double[] metres = {1, 1, 100, 100};
        double[] predicted = {0, 0, 1, 0.5};
        data.picture("rgb/a.JPG", 40, 24);
        data.raw("depth/a.JPG", 40, 24, (x, y) -> metres[x / 10]);
        predictions.npy("rgb/pred_a.npy", 40, 24, (x, y) -> predicted[x / 10]);
        JsonNode summary = summary("eth3d", data.folder(), data.list("rgb/a.JPG depth/a.JPG"), "depth");
        assertThat(summary.at("/measures/abs_relative_difference").doubleValue())
                .isCloseTo(18.54 / 4, within(1e-4));
    }

    /** By 1/depth: 1, 1, 1/2 and 1/4 become 1, 1, 3/8 and 3/8, which are 1, 1, 8/3 and 8/3 m of 1, 1, 2 and 4. */
    @Test
    void scannetByDisparity() throws IOException {
        double[] metres = {1, 1, 2, 4};
        double[] predicted = {1, 1, 0.5, 0.5};
        data.picture("scene0406_02/color/000300.jpg", 40, 24);
        data.grey16("scene0406_02/depth/000300.png", 40, 24, (x, y) -> y == 0 ? 0 : 1000 * metres[x / 10]);
        predictions.npy("scene0406_02/color/000300_depth.npy", 40, 24, (x, y) -> y == 0 ? 0.1 : predicted[x / 10]);
        Path list = data.list("scene0406_02/color/000300.jpg scene0406_02/depth/000300.png");
        JsonNode measures = summary("scannet", data.folder(), list, "disparity").get("measures");
        assertThat(measures.get("abs_relative_difference").doubleValue()).isCloseTo(1 / 6.0, within(1e-6));
        assertThat(measures.get("i_rmse").doubleValue()).isCloseTo(Math.sqrt(0.5) / 8, within(1e-6));
    }

    @Test
    void diodeCountsWhereItsMaskSays() throws IOException {
        String name = "indoors/scene_00021/scan_00189/00021_00189_indoors_200_010";
        data.picture(name + ".png", 40, 24);
        data.npy(name + "_depth.npy", 40, 24, (x, y) -> y == 5 ? 300 : METRES[x / 10], 1);
        data.npy(name + "_depth_mask.npy", 40, 24, (x, y) -> y == 5 ? 0 : 1);
        predictions.npy(
                "indoors/scene_00021/scan_00189/pred_00021_00189_indoors_200_010.npy",
                40,
                24,
                (x, y) -> y == 5 ? 0.7 : PREDICTED[x / 10]);
        Path list = data.list(name + ".png " + name + "_depth.npy " + name + "_depth_mask.npy");
        assertStripes(summary("diode", data.tarOfFolder(), list, "depth"));
    }

    /** (126 · prediction + 38.6) / 83 is 0.465, which becomes 0.6, then 0.769, and 1.983 m twice. */
    @Test
    void diodeBeginsAtSixtyCentimetres() throws IOException {
        double[] metres = {0.6, 0.6, 2, 2};
        double[] predicted = {0, 0.2, 1, 1};
        data.picture("a.png", 40, 24);
        data.npy("a_depth.npy", 40, 24, (x, y) -> metres[x / 10], 1);
        data.npy("a_depth_mask.npy", 40, 24, (x, y) -> 1);
        predictions.npy("pred_a.npy", 40, 24, (x, y) -> predicted[x / 10]);
        Path list = data.list("a.png a_depth.npy a_depth_mask.npy");
        JsonNode summary = summary("diode", data.folder(), list, "depth");
        assertThat(summary.at("/measures/abs_relative_difference").doubleValue())
                .isCloseTo(((63.8 / 83 - 0.6) / 0.6 + 2 * (2 - 164.6 / 83) / 2) / 4, within(1e-6));
    }

    /** Of two images, the mean of both; of predictions of another size, what they are when they are resized. */
    @Test
    void figuresAreMeansOverImages() throws IOException {
        for (String name : new String[] {"a", "b"}) {
            data.picture(name + ".jpg", 40, 24);
            data.grey16(name + ".png", 40, 24, (x, y) -> 1000 * METRES[x / 10]);
        }
        predictions.npy("pred_a.npy", 40, 24, (x, y) -> PREDICTED[x / 10]);
        predictions.npy("pred_b.npy", 20, 12, (x, y) -> 0.3); // the best is then the mean, 2.5 m
        JsonNode summary = summary("scannet", data.folder(), data.list("a.jpg a.png", "b.jpg b.png"), "depth");
        double first = (1 / 3.0 + 1 / 5.0) / 4;
        double second = (1.5 + 1.5 + 0.5 / 3 + 2.5 / 5) / 4;
        assertThat(summary.at("/measures/abs_relative_difference").doubleValue())
                .isCloseTo((first + second) / 2, within(1e-6));
        assertThat(Files.readAllLines(folder.resolve("out/scannet/samples.csv")))
                .hasSize(3)
                .first()
                .asString()
                .startsWith("filename,abs_relative_difference,");
        assertThat(folder.resolve("out/scannet/worst")).isDirectoryContaining("glob:**/01-b.png");
    }
}
