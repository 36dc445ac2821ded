package io.github.lotus4j.cli;

import static io.github.lotus4j.cli.Ran.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as people type it, with all that can go wrong. */
class MainTest {
    private static final Path SCENE = Path.of("..", "lotus-nano", "scenes", "scene-0.png");

    @TempDir
    Path folder;

    private Ran run(Object... words) {
        return Ran.in(environment(), words);
    }

    /** Nothing of this machine's own cache, and no request. */
    private Map<String, String> environment() {
        return Map.of("HF_HOME", folder.resolve("hf").toString(), "HF_HUB_OFFLINE", "1");
    }

    private Ran predict(String command, Object... arguments) {
        Object[] all = Stream.concat(Stream.of(command, "--output", folder.resolve("out")), Stream.of(arguments))
                .toArray();
        return run(all);
    }

    private Path image(String name, int width, int height, int type) throws IOException {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int i = 0; i < width * height; i++) {
            image.getRaster().setSample(i % width, i / width, 0, i * 37 % 251);
        }
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private Path checkpoint(String name) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, Mode.D, 1, DType.F16);
    }

    @Test
    void depthOfABundledScene() throws IOException {
        Ran result = predict("depth", SCENE);
        Path npy = folder.resolve("out/scene-0_depth.npy");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .containsExactly(
                        npy.toString(),
                        folder.resolve("out/scene-0_depth.png").toString(),
                        folder.resolve("out/scene-0_depth_preview.png").toString());
        assertThat(result.err()).contains("miniature", "--model");
        float[] expected = Golden.openResource("/nano-scenes/scene-0.safetensors")
                .get("reference_disparity")
                .data();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
        int header = 10 + bytes.getShort(8);
        for (int i = 0; i < expected.length; i++) {
            assertThat(bytes.getFloat(header + 4 * i))
                    .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(3e-5f));
        }
        BufferedImage png = ImageIO.read(folder.resolve("out/scene-0_depth.png").toFile());
        assertThat(png.getRaster().getSample(5, 3, 0))
                .isCloseTo(
                        Math.round(65535 * expected[3 * png.getWidth() + 5]),
                        org.assertj.core.api.Assertions.within(3));
    }

    @Test
    void aMiniatureAloneIsNotBothOfThem() {
        try (Lotus depth = Lotus.builder().nanoDepth().build();
                Lotus normal = Lotus.builder().nanoNormal().build();
                Lotus both = Lotus.nano()) {
            assertThatThrownBy(() -> depth.predictNormal(SCENE)).hasMessageContaining("normal");
            assertThatThrownBy(() -> normal.predictDepth(SCENE)).hasMessageContaining("depth");
            assertThat(both.weightBytes())
                    .isBetween(depth.weightBytes() + 1, depth.weightBytes() + normal.weightBytes());
        }
    }

    @Test
    void normalsAndGeometry() throws IOException {
        assertThat(predict("normal", SCENE, "--format", "npy,png", "--threads", 1)
                        .out()
                        .lines())
                .containsExactly(
                        folder.resolve("out/scene-0_normal.npy").toString(),
                        folder.resolve("out/scene-0_normal.png").toString());
        byte[] alone = Files.readAllBytes(folder.resolve("out/scene-0_normal.npy"));
        Path cache = folder.resolve("cache"); // in which the miniature keeps nothing
        assertThat(predict("geometry", SCENE, "--packed-weights-cache", cache)
                        .out()
                        .lines())
                .hasSize(5);
        assertThat(cache).doesNotExist();
        assertThat(Files.readAllBytes(folder.resolve("out/scene-0_normal.npy"))).isEqualTo(alone);
    }

    @Test
    void shapesAreMeshes() throws IOException {
        assertThat(predict("depth", SCENE, "--format", "png,obj,ply", "--fov", 50)
                        .out()
                        .lines())
                .containsExactly(
                        folder.resolve("out/scene-0_depth.png").toString(),
                        folder.resolve("out/scene-0_depth.ply").toString(),
                        folder.resolve("out/scene-0_depth.obj").toString());
        double[][] points = vertices(folder.resolve("out/scene-0_depth.obj"));
        assertThat(points).hasNumberOfRows(192 * 144); // 50° across its 192 columns, depth from 1 to 10, ahead
        assertThat(points[0][0] / points[0][2])
                .isCloseTo(Math.tan(Math.toRadians(25)) * 191 / 192, org.assertj.core.api.Assertions.within(1e-5));
        assertThat(Stream.of(points).mapToDouble(point -> -point[2]).min().orElseThrow())
                .isEqualTo(1);
        assertThat(Stream.of(points).mapToDouble(point -> -point[2]).max().orElseThrow())
                .isEqualTo(10);
        assertThat(predict("geometry", SCENE, "--format", "glb,obj").out().lines())
                .containsExactly(
                        folder.resolve("out/scene-0_geometry.glb").toString(),
                        folder.resolve("out/scene-0_geometry.obj").toString());
        assertThat(Files.readString(folder.resolve("out/scene-0_geometry.obj"))).contains("\nvn ");
        assertThat(Stream.of(vertices(folder.resolve("out/scene-0_geometry.obj")))
                        .mapToDouble(point -> -point[2])
                        .max()
                        .orElseThrow())
                .isBetween(2.0, 8.0); // not what is assumed, but what the normals say: 4.05 in truth
        failed(predict("depth", SCENE, "--fov", 180), 2, "--fov", "180");
    }

    @Test
    void pagesForABrowser() throws IOException {
        for (String kind : new String[] {"depth", "normal", "geometry"}) {
            Path page = folder.resolve("out/scene-0_" + kind + ".html");
            assertThat(predict(kind, SCENE, "--format", "html").out().strip()).isEqualTo(page.toString());
            assertThat(Files.readString(page).contains("<img class=\"over\" id=\"normals\""))
                    .isEqualTo(!kind.equals("depth"));
            assertThat(page).content().contains("<title>scene-0, " + kind + "</title>");
        }
    }

    private static double[][] vertices(Path obj) throws IOException {
        return Files.readAllLines(obj).stream()
                .filter(line -> line.startsWith("v "))
                .map(line -> Stream.of(line.split(" ", -1))
                        .skip(1)
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    @Test
    void surfaceOfNormals() throws IOException {
        assertThat(predict("normal", SCENE, "--format", "obj").out().lines())
                .containsExactly(folder.resolve("out/scene-0_normal.obj").toString());
        double mean = Stream.of(vertices(folder.resolve("out/scene-0_normal.obj")))
                .mapToDouble(point -> Math.log10(-point[2]))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(0.5, org.assertj.core.api.Assertions.within(1e-4)); // halfway from 1 to 10
    }

    @Test
    void optionsReachThePrediction() throws IOException {
        Path model = checkpoint("lotus-depth-d-x");
        Path image = image("a.png", 40, 24, BufferedImage.TYPE_INT_RGB);
        Ran result = predict(
                "depth",
                image,
                "--model",
                model,
                "--processing-res",
                16,
                "--no-match-input",
                "--resample",
                "NEAREST",
                "--sample-latent-seed",
                3,
                "--vae-tile",
                64,
                "--exact",
                "--backend",
                "cpu",
                "--format",
                "png",
                "--kind",
                "disparity",
                "--packed-weights-cache",
                folder.resolve("cache"));
        assertThat(folder.resolve("cache")).isDirectoryContaining("glob:**.packed");
        assertThat(result.err().lines()).singleElement().asString().contains("lotus-depth-d-x", "--kind holds");
        assertThat(ImageIO.read(Path.of(result.out().strip()).toFile()).getWidth())
                .isEqualTo(16);
    }

    @Test
    void generativeModelTakesSeedAndSteps() throws IOException {
        Path model =
                SyntheticCheckpoint.write(folder.resolve("lotus-depth-g"), Architecture.TINY, Mode.G, 1, DType.F16);
        Path image = image("a.png", 24, 24, BufferedImage.TYPE_INT_RGB);
        for (String seed : new String[] {"1", "2"}) {
            assertThat(run(
                                    "depth",
                                    image,
                                    "--model",
                                    model,
                                    "--processing-res",
                                    0,
                                    "--seed",
                                    seed,
                                    "--steps",
                                    2,
                                    "--output",
                                    folder.resolve(seed))
                            .code())
                    .isZero();
        }
        assertThat(Files.mismatch(folder.resolve("1/a_depth.npy"), folder.resolve("2/a_depth.npy")))
                .isNotEqualTo(-1);
        failed(predict("depth", image, "--steps", 2), 1, "steps", "Lotus-D");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4000", "4000, 1", "3, 5"})
    void extremeImages(int width, int height) throws IOException {
        Path image = image("thin.png", width, height, BufferedImage.TYPE_INT_RGB);
        Ran result = predict("geometry", image);
        if (Math.max(width, height) > 1000) {
            failed(
                    result,
                    1,
                    image.toString(),
                    width + "×" + height,
                    "at least 4"); // 128 pixels long, it would be none wide
        } else {
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(ImageIO.read(folder.resolve("out/thin_normal.png").toFile())
                            .getWidth())
                    .isEqualTo(width);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmyk.jpg", "palette-alpha.png", "exif-6.jpg", "grey16.png"})
    void unusualImagesArePredicted(String name) throws IOException, URISyntaxException {
        Path image = name.equals("grey16.png")
                ? image(name, 16, 24, BufferedImage.TYPE_USHORT_GRAY)
                : TestImages.named(name);
        Ran result = predict("depth", image, "--format", "png");
        assertThat(result.code()).as(result.err()).isZero();
        BufferedImage depth = ImageIO.read(Path.of(result.out().strip()).toFile());
        assertThat(depth.getHeight()).isEqualTo(name.contains("6") ? 24 : 16); // the turned one stands upright
    }

    @Test
    void badImagesDoNotStopTheOthers() throws IOException {
        Path text = Files.writeString(folder.resolve("text.jpg"), "this is no image");
        Path good = image("good.png", 16, 16, BufferedImage.TYPE_INT_RGB);
        Ran result = predict("depth", text, folder.resolve("absent.png"), good, "--processing-res", 16);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).contains("good_depth.npy");
        assertThat(result.err()).contains(text + " is no image", "absent.png does not exist", "2 of 3 images failed");
        failed(predict("depth", text), 1, text.toString(), "expected one of");
    }

    @Test
    void missingFolder() {
        failed(predict("depth", SCENE, "--model", folder.resolve("nowhere")), 1, "nowhere", "does not exist");
        failed(run("inspect", folder.resolve("nowhere")), 1, "nowhere", "does not exist");
        failed(run("inspect", "nowhere-at-all"), 1, "nowhere-at-all", "lotus models lists them");
    }

    @Test
    void truncatedWeights() throws IOException {
        Path model = checkpoint("lotus-depth");
        Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
        try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        failed(predict("depth", SCENE, "--model", model), 1, weights.toString());
        failed(run("inspect", model), 1, weights.toString());
    }

    @Test
    void wrongShape() throws IOException {
        Path model = checkpoint("lotus-depth");
        Path config = model.resolve("vae/config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("\"layers_per_block\": \\d", "\"layers_per_block\": 3"));
        Ran result = predict("depth", SCENE, "--model", model);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("missing: vae/");
        Ran inspected = run("inspect", model);
        assertThat(inspected.code()).isEqualTo(1);
        assertThat(inspected.out()).contains("problems", "missing: vae/");
    }

    @Test
    void noPermissionToWrite() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(locked), "this user writes everywhere");
        failed(run("depth", SCENE, "--output", locked), 1, locked.toString(), "permission denied");
    }

    @Test
    void fileWhereTheOutputFolderShouldBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        failed(run("depth", SCENE, "--output", file), 1, file.toString(), "expected a folder");
        assertThat(file).hasContent("mine");
    }

    @Test
    void wrongCommandLines() throws IOException {
        for (String[] words : new String[][] {
            {"depth"},
            {"dpth", "a.png"},
            {"depth", "a.png", "--format", "gif"},
            {"depth", "a.png", "--processing-res", "-1"},
            {"depth", "a.png", "--processing-res", "99999"},
            {"depth", "a.png", "--processing-res", "many"},
            {"depth", "a.png", "--steps", "0"},
            {"depth", "a.png", "--ensemble", "0"},
            {"depth", "a.png", "--threads", "0"},
            {"depth", "a.png", "--vae-tile", "0"},
            {"depth", "a.png", "--resample", "lanczos"},
            {"depth", "a.png", "b/a.png"},
            {"depth", "a.png", "--range", "0.8,0.2"},
            {"geometry", "a.png", "--depth-model", "x"},
            {"verify", "x"},
            {}
        }) {
            Ran result = run((Object[]) words);
            assertThat(result.code())
                    .as("%s: %s", String.join(" ", words), result.err())
                    .isEqualTo(2);
            assertThat(result.err().lines()).as(result.err()).hasSizeBetween(1, words.length == 0 ? 30 : 4);
        }
        failed(predict("depth", SCENE, "--backend", "abacus"), 2, "abacus", "cpu");
        failed(predict("depth", SCENE, "--threads", "513"), 2, "513", "1 to 512");
        failed(predict("depth", SCENE, "--kind", "depth"), 2, "--kind", "disparity");
    }

    @Test
    void whatWouldBeInVainIsSaidBeforeACheckpointIsLoaded() throws IOException {
        Path model = folder.resolve("no-such-model");
        failed(run("depth", "no.png", "--model", model), 1, "no.png does not exist");
        Path file = Files.writeString(folder.resolve("file"), "mine");
        failed(run("depth", SCENE, "--model", model, "--output", file.resolve("out")), 1, "file is a file");
    }

    @Test
    void helpIsHelpful() {
        assertThat(run("--help").out())
                .contains(
                        "depth",
                        "normal",
                        "geometry",
                        "serve",
                        "plan",
                        "inspect",
                        "verify",
                        "models",
                        "fetch",
                        "Exit codes");
        assertThat(run("depth", "--help").out()).contains("--model", "--processing-res", "--no-match-input", "0 to 1");
        assertThat(run("--version").out()).startsWith("lotus ");
    }

    @Test
    void inspectSaysWhatACheckpointHolds() throws Exception {
        Ran result = run("inspect", checkpoint("lotus-depth-d-v2-0-disparity"));
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("disparity", "Lotus-D", "unet", "vae", "text_encoder", "F16", "problems    none");
        Path file = folder.resolve("lotus-depth-d-v2-0-disparity/vae/diffusion_pytorch_model.safetensors");
        assertThat(run("inspect", file).out()).contains("F16", "decoder.conv_in.weight");
        assertThat(result.out()).doesNotContain("SHA-256");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        assertThat(run("inspect", "--values", folder.resolve("lotus-depth-d-v2-0-disparity"))
                        .out())
                .contains(file + ", SHA-256 " + HexFormat.of().formatHex(digest), "problems    none");
        assertThat(run("inspect", "--values", file).out())
                .contains("SHA-256     " + HexFormat.of().formatHex(digest), "problems    none");
        failed(run("inspect", Files.writeString(folder.resolve("a.safetensors"), "nonsense")), 1, "a.safetensors");
    }

    @Test
    void verifyPrintsEveryStageAndFailsWhereTheyDiffer() throws IOException {
        Path golden = Golden.copy("tiny-d-96x128", folder);
        Path model = SyntheticCheckpoint.write(folder.resolve("d"), Architecture.TINY, Mode.D, seed(), DType.F32);
        Ran result = run("verify", model, "--golden", golden);
        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("latent_moments", "unet_out", "decoder_out", "depth", "all stages agree");
        Ran other = run("verify", checkpoint("other"), "--golden", golden);
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.out()).contains("differs");
    }

    private static long seed() throws IOException {
        return Long.parseLong(Golden.open("tiny-d-96x128").run("weights_seed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"depth", "normal", "geometry", "serve", "plan", "inspect", "verify", "models", "fetch"})
    void everyCommandTellsItsVersion(String command) {
        assertThat(run(command, "--version").out()).startsWith("lotus ");
        assertThat(run("--version").out()).startsWith("lotus ");
    }

    @Test
    void emptyValuesAreNotTheCurrentFolder() {
        failed(run("depth", "--output=", SCENE), 2, "--output: found nothing");
        failed(predict("depth", "--model=", SCENE), 2, "--model: found nothing");
    }

    @Test
    void imageMayBeginWithAnAt() throws IOException {
        image("words", 8, 8, BufferedImage.TYPE_INT_RGB);
        failed(predict("depth", "@" + folder.resolve("words")), 1, "@" + folder.resolve("words"), "does not exist");
    }
}
