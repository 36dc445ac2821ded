package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole command, with the miniature; each layout is in {@link DepthBenchmarksTest} and {@link NormalBenchmarksTest}. */
class EvalCommandTest {
    private static final Path SCENES = Path.of("..", "lotus-nano", "scenes");

    @TempDir
    Path folder;

    private Ran eval(Object... words) {
        return Ran.of(
                Stream.concat(Stream.of("eval", "--output", folder.resolve("out"), "--threads", 2), Stream.of(words))
                        .toArray());
    }

    private JsonNode summary(String benchmark) throws IOException {
        return new ObjectMapper()
                .readTree(folder.resolve("out")
                        .resolve(benchmark)
                        .resolve("summary.json")
                        .toFile());
    }

    /** lotus-nano's README has the reference's figures, scene by scene, which resizes by the nearest pixel; within 0.003 of them. */
    @Test
    void theMiniaturesDepthIsWhatItWasTrainedTo() throws IOException {
        Ran ran = eval("scenes", SCENES);
        assertThat(ran.code()).as(ran.err()).isZero();
        List<String> lines = Files.readAllLines(folder.resolve("out/scenes/samples.csv"));
        double[] expected = {0.0418, 0.0800, 0.0475, 0.0368, 0.0448, 0.1476, 0.0538, 0.0608};
        for (int i = 0; i < expected.length; i++) {
            String[] values = lines.get(i + 1).split(",", -1);
            assertThat(values[0]).isEqualTo("scene-" + i + ".png");
            assertThat(Double.parseDouble(values[1])).as(values[0]).isCloseTo(expected[i], within(0.003));
        }
        assertThat(summary("scenes").get("images").intValue()).isEqualTo(8);
        assertThat(ran.out()).contains("| AbsRel | 0.06").contains("worst/01-scene-5.png");
    }

    @Test
    void theMiniaturesNormals() throws IOException {
        assertThat(eval("scenes-normal", SCENES).code()).isZero();
        double[] expected = {6.54, 9.40, 8.65, 10.91, 10.54, 21.54, 7.27, 8.50};
        List<String> lines = Files.readAllLines(folder.resolve("out/scenes-normal/samples.csv"));
        for (int i = 0; i < expected.length; i++) {
            String[] values = lines.get(i + 1).split(",", -1);
            assertThat(Double.parseDouble(values[1])).as(values[0]).isCloseTo(expected[i], within(0.5));
        }
    }

    @Test
    void whatIsThereIsNotPredictedAgain() throws IOException {
        assertThat(eval("scenes", SCENES, "--limit", 3, "--worst", 0).code()).isZero();
        JsonNode first = summary("scenes");
        Path kept = folder.resolve("out/scenes/predictions/scene-0_depth.npy");
        Path lost = folder.resolve("out/scenes/predictions/scene-1_depth.npy");
        FileTime long_ago = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(kept, long_ago);
        Files.delete(lost);
        assertThat(eval("scenes", SCENES, "--limit", 3, "--worst", 0).code()).isZero();
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(long_ago);
        assertThat(lost).exists();
        assertThat(summary("scenes")).isEqualTo(first);
        Ran other = eval("scenes", SCENES, "--limit", 3, "--exact");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("holds predictions of another checkpoint or with other options");
    }

    @Test
    void anotherImageOfTheSameNameIsPredicted() throws IOException {
        Path data = folder.resolve("data");
        Files.createDirectories(data.resolve("truth"));
        Path image = data.resolve("a.png");
        Files.copy(SCENES.resolve("scene-0.png"), image);
        Files.copy(SCENES.resolve("truth/scene-0_depth.png"), data.resolve("truth/a_depth.png"));
        assertThat(eval("scenes", data).code()).isZero();
        JsonNode first = summary("scenes").get("measures");
        Files.copy(SCENES.resolve("scene-5.png"), image, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                SCENES.resolve("truth/scene-5_depth.png"),
                data.resolve("truth/a_depth.png"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(eval("scenes", data).code()).isZero();
        assertThat(first.get("abs_relative_difference").doubleValue()).isCloseTo(0.0418, within(0.003));
        assertThat(summary("scenes").at("/measures/abs_relative_difference").doubleValue())
                .isCloseTo(0.1476, within(0.003));
    }

    @Test
    void predictionsOfAnotherCropOrWithoutValuesAreNamed() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        TinyDataSet predictions = new TinyDataSet(Files.createDirectory(folder.resolve("predictions")));
        for (String name : new String[] {"a", "b", "c"}) {
            data.picture(name + ".png", 640, 480);
            data.grey16("truth/" + name + "_depth.png", 640, 480, (x, y) -> 1000 + x);
        }
        predictions.npy("a_depth.npy", 560, 426, (x, y) -> x);
        predictions.npy("b_depth.npy", 640, 480, (x, y) -> x == 7 && y == 9 ? Double.NaN : x);
        Ran ran = eval("scenes", data.folder(), "--predictions", predictions.folder(), "--kind", "depth");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("a_depth.npy: found 560×426 pixels, expected 640×480, or the same proportions")
                .contains("b.png: prediction: found NaN at column 7, row 9, expected a finite value")
                .contains("c.png: no prediction lies in ")
                .contains("c_depth.npy, ")
                .contains("pred_c.npy");
    }

    @Test
    void nothingIsWrittenOutsideOfTheOutput() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectories(folder.resolve("a/b")));
        data.picture("../../x.png", 40, 24);
        data.grey16("../../truth/x_depth.png", 40, 24, (x, y) -> 1000);
        Path tar = folder.resolve("evil.tar");
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(tar))) {
            for (String name : new String[] {"x.png", "truth/x_depth.png"}) {
                TarArchiveEntry entry = new TarArchiveEntry("../../" + name);
                byte[] content = Files.readAllBytes(folder.resolve(name));
                entry.setSize(content.length);
                out.putArchiveEntry(entry);
                out.write(content);
                out.closeArchiveEntry();
            }
        }
        Ran ran = eval("scenes", tar);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("found ../../x.png, expected a path below the data set's folder");
    }

    @Test
    void whereNoImageCanBeJudgedNothingIsWritten() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        data.picture("a.png", 40, 24);
        data.grey16("truth/a_depth.png", 40, 23, (x, y) -> 1000);
        Ran ran = eval("scenes", data.folder(), "--processing-res", 64);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("a.png").contains("no image could be judged; nothing was written");
        assertThat(folder.resolve("out/scenes/summary.md")).doesNotExist();
    }

    @Test
    void anImageThatCannotBeJudgedIsNamedAndTheOthersAre() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        Files.copy(SCENES.resolve("scene-0.png"), data.folder().resolve("a.png"));
        Files.copy(
                SCENES.resolve("truth/scene-0_depth.png"),
                Files.createDirectories(data.folder().resolve("truth")).resolve("a_depth.png"));
        data.picture("b.png", 40, 24);
        data.grey16("truth/b_depth.png", 40, 23, (x, y) -> 1000);
        data.picture("c.png", 40, 24);
        data.grey16("truth/c_depth.png", 40, 24, (x, y) -> 0);
        Ran ran = eval("scenes", data.folder(), "--processing-res", 64);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("b_depth.png: found 40×23 pixels, expected 40×24 as of the image")
                .contains("c.png: alignment: no pixel is valid");
        assertThat(summary("scenes").get("images").intValue()).isEqualTo(1);
        assertThat(summary("scenes").get("failed").intValue()).isEqualTo(2);
    }

    /** DSINE's images have sides of whole multiples of 32; results have the image's own size. */
    @Test
    void normalsOfABenchmarkAreFramed() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        data.picture("alley_1/frame_0001_img.png", 6, 20);
        Files.copy(
                Path.of("src/test/resources/eval/zip-single.exr"),
                data.folder().resolve("alley_1/frame_0001_normal.exr"));
        Ran ran = eval("sintel-normal", data.folder(), "--list", data.listOf("_img.png"), "--processing-res", 64);
        assertThat(ran.code()).as(ran.err()).isZero();
        byte[] npy =
                Files.readAllBytes(folder.resolve("out/sintel-normal/predictions/alley_1/frame_0001_img_normal.npy"));
        assertThat(new String(npy, 0, 128, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("(20, 6, 3,)");
    }

    /** At half of the resolution that it was trained at, the miniature is worse; a second call finds all that there was. */
    @Test
    void ablationTellsSettingsApart() throws IOException {
        Object[] words = {
            "ablate", "scenes", SCENES, "--limit", 3, "--resolutions", "64,128", "--output", folder.resolve("ablation")
        };
        Ran ran = Ran.of(words);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.err().lines().filter(line -> line.startsWith("note:"))).hasSize(1);
        List<String> rows =
                ran.out().lines().filter(line -> line.startsWith("| ")).toList();
        assertThat(rows)
                .extracting(row -> row.split("[ |]+", -1)[1])
                .containsExactly("setting", "as-given", "resolution-64", "resolution-128", "latent-drawn", "exact");
        assertThat(error(rows.get(2))).isGreaterThan(1.5 * error(rows.get(1)));
        assertThat(error(rows.get(3))).isEqualTo(error(rows.get(1))); // 128 is the miniature's own
        Path results = folder.resolve("ablation/scenes");
        assertThat(Files.readString(results.resolve("ablation.svg"))).contains(">resolution-64</text>");
        assertThat(Files.readString(results.resolve("ablation.md"))).contains(rows);
        Path kept = results.resolve("exact/predictions/scene-0_depth.npy");
        Files.setLastModifiedTime(kept, FileTime.fromMillis(1000));
        assertThat(Ran.of(words).out()).isEqualTo(ran.out());
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(FileTime.fromMillis(1000));
        Ran exact = Ran.of(Stream.concat(Stream.of(words), Stream.of("--exact")).toArray());
        assertThat(exact.err()).contains("holds predictions of another checkpoint or with other options");
    }

    private static double error(String row) {
        return Double.parseDouble(row.split("[ |]+", -1)[2]);
    }

    @Test
    void anImageThatCannotBeReadDoesNotEndAnAblation() throws IOException {
        TinyDataSet data = new TinyDataSet(Files.createDirectory(folder.resolve("data")));
        data.grey16("truth/a_depth.png", 40, 24, (x, y) -> 1000);
        Files.writeString(data.folder().resolve("a.png"), "no image");
        data.picture("b.png", 40, 24);
        data.grey16("truth/b_depth.png", 40, 24, (x, y) -> 1000 + 10 * x);
        Ran ran = Ran.of(
                "ablate", "scenes", data.folder(), "--processing-res", 32, "--output", folder.resolve("ablation"));
        assertThat(ran.err()).contains("a.png");
        assertThat(ran.out().lines().filter(line -> line.startsWith("| as-given")))
                .singleElement()
                .satisfies(row -> assertThat(error(row)).isPositive());
    }

    @Test
    void ablationOfWhatTheCheckpointCannotDoNamesIt() {
        Ran ran = Ran.of(
                "ablate",
                "scenes",
                SCENES,
                "--limit",
                1,
                "--resolutions",
                64,
                "--ensembles",
                2,
                "--output",
                folder.resolve("ablation"));
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("ensemble: found 2 predictions");
        assertThat(ran.out()).contains("| ensemble-2 | – | – | not timed | 1 |");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nyuv9 SCENES|2|benchmark: found nyuv9, expected one of nyuv2, kitti
            kitti SCENES|2|--list is missing: KITTI is judged by the images of its list, kitti/eigen_test_files_with_gt.txt
            oasis-normal SCENES|2|--list is missing: OASIS, normals is judged by the images of its list, oasis/split/val.txt
            scenes nowhere|1|nowhere does not exist, expected a data set's folder or tar file
            scenes ../README.md|1|README.md is no tar file that can be read
            scenes ../benchmarks|1|the data set has no image of which something is known: found no pair of files like (NAME.png, truth/NAME_depth.png)
            scenes SCENES --limit 0|2|--limit: found 0, expected at least 1
            scenes SCENES --worst -1|2|--worst: found -1, expected 0 or more
            scenes SCENES --kind depth|2|--kind: found depth, but the embedded miniature predicts disparity
            scenes SCENES --predictions nowhere --kind depth|2|--predictions: nowhere is no folder
            scenes SCENES --predictions SCENES|2|say what they are, too, with --kind
            scenes SCENES --no-match-input|2|--no-match-input: predictions are compared at the images' size
            scenes-normal SCENES --list ../README.md|1|expected a path below the data set
            """)
    void wrongWords(String words, int code, String message) {
        Ran ran = eval((Object[]) words.replace("SCENES", SCENES.toString()).split(" "));
        assertThat(ran.code()).as(ran.err()).isEqualTo(code);
        assertThat(ran.err()).contains(message);
    }
}
