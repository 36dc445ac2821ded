package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.Lotus;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files that a command is asked for, by {@code --format}, {@code --colormap} and {@code --range}. */
class FilesTest {
    @TempDir
    Path folder;

    private Path image;

    @BeforeEach
    void write() throws IOException {
        image = TestImages.noise(folder.resolve("a.png"), 24, 16, 1);
    }

    private Ran run(int code, String command, Object... words) {
        List<Object> all = new ArrayList<>(List.of(command, image, "--output", folder.resolve("out")));
        all.addAll(List.of(words));
        Ran ran = Ran.of(all.toArray());
        assertThat(ran.code()).as(ran.err()).isEqualTo(code);
        return ran;
    }

    private List<String> files(Ran ran) {
        return ran.out()
                .lines()
                .map(line -> folder.resolve("out").relativize(Path.of(line)).toString())
                .toList();
    }

    @Test
    void formatsOfEachCommand() {
        assertThat(files(run(0, "depth", "--format", "npz,tiff,npy")))
                .containsExactly("a_depth.npy", "a_depth.tiff", "a_depth.npz");
        assertThat(files(run(0, "normal", "--format", "NPZ,TIFF"))).containsExactly("a_normal.tiff", "a_normal.npz");
        assertThat(files(run(0, "geometry", "--format", "npz,tiff")))
                .containsExactly("a_depth.tiff", "a_normal.tiff", "a_geometry.npz");
    }

    /** The miniature is copied to a temporary folder, which is nobody's business. */
    @Test
    void everyFileNamesTheCheckpointAndNoPath() throws IOException {
        run(0, "geometry", "--format", "npy,png,preview,tiff,ply,glb,obj,html");
        try (Stream<Path> written = Files.list(folder.resolve("out"))) {
            List<Path> all = written.toList();
            assertThat(all).hasSize(2 * 3 + 1 + 4);
            for (Path each : all) {
                String text = new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1);
                assertThat(text).as("%s", each).doesNotContain(System.getProperty("java.io.tmpdir"));
                if (!each.toString().endsWith(".npy")) {
                    assertThat(text)
                            .as("%s", each)
                            .contains("Lotus for Java " + Lotus.version())
                            .containsPattern("lotus-nano-(disparity|normal)-d")
                            .contains("processing_size");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"spectral, 9e0142, 5e4fa2", "Turbo, 7a0402, 30123b", "VIRIDIS, fde724, 440154", "grey, ffffff, 000000"})
    void coloursOfPreviews(String map, String near, String far) throws IOException {
        run(0, "depth", "--format", "preview,npy", "--colormap", map);
        BufferedImage preview =
                ImageIO.read(folder.resolve("out/a_depth_preview.png").toFile());
        assertThat(colours(preview)).contains(near, far);
        run(0, "depth", "--format", "preview", "--colormap", map, "--range", "-3,-2"); // nearer than all there is
        preview = ImageIO.read(folder.resolve("out/a_depth_preview.png").toFile());
        assertThat(colours(preview)).containsOnly(near);
    }

    private static List<String> colours(BufferedImage image) {
        List<String> colours = new ArrayList<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colours.add(HexFormat.of().toHexDigits(image.getRGB(x, y) & 0xffffff, 6));
            }
        }
        return colours;
    }

    @Test
    void wrongColoursAndRanges() {
        assertThat(run(2, "depth", "--colormap", "jet").err()).contains("jet", "SPECTRAL", "TURBO", "VIRIDIS", "GREY");
        for (String range : List.of("0.8,0.2", "0.5,0.5", "NaN,1", "0,Infinity")) {
            assertThat(run(2, "depth", "--range", range).err()).contains("--range: found", "smaller one first");
        }
        for (String range : List.of("1", "0,1,2", "a,b", ",", "0;1")) {
            assertThat(run(2, "geometry", "--range", range).err())
                    .contains("--range: found " + range, "expected two numbers");
        }
        assertThat(run(2, "normal", "--range", "0,1").err()).contains("--range: found 0,1", "no depth");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void helpSaysEachFormatOnce() {
        String help = Ran.of("depth", "--help").out();
        assertThat(help).contains("--format=FORMAT[,FORMAT...]", "--colormap=NAME", "--range=MIN,MAX", "npz:", "tiff:");
        assertThat(help).doesNotContain("html[,");
    }

    @Test
    void twoImagesOfOneNameKeepTheirSuffixes() throws IOException {
        Path photos = folder.resolve("photos");
        TestImages.noise(photos.resolve("a.png"), 16, 16, 1);
        TestImages.noise(photos.resolve("b.png"), 16, 16, 2);
        ImageIO.write(
                ImageIO.read(photos.resolve("b.png").toFile()),
                "jpg",
                photos.resolve("a.jpg").toFile());
        Ran ran = Ran.of("depth", photos, "--format", "png", "--output", folder.resolve("out"));
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(files(ran)).containsExactly("a.jpg_depth.png", "a.png_depth.png", "b_depth.png");
    }
}
