package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.image.ImageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sorts of TIFF that the command reads by a library, all of one picture: red 10 x, green 15 y, blue x y mod 256, 24×16. */
class TiffTest {
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** 16 bits are rounded, a profile of linear light is not applied; values that were multiplied by their opacity are divided. */
    @ParameterizedTest
    @CsvSource({
        "rgb16-predictor-profile.tif, 0, 0",
        "float-predictor.tif, 0, 0",
        "half.tif, 0, 0",
        "big-exif-6.tif, 6, 0",
        "tiled-planar.tif, 3, 0",
        "multiplied-alpha.tif, 0, 2"
    })
    void pixelsAreTheStoredOnes(String name, int orientation, int tolerance) throws URISyntaxException {
        RgbImage image = RgbImage.read(TestImages.named(name));
        boolean turned = orientation == 6;
        assertThat(image.width()).isEqualTo(turned ? HEIGHT : WIDTH);
        byte[] found = image.toArray();
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int at = y * WIDTH + x;
                if (turned) {
                    at = x * HEIGHT + HEIGHT - 1 - y;
                } else if (orientation == 3) {
                    at = (HEIGHT - 1 - y) * WIDTH + WIDTH - 1 - x;
                }
                int[] expected = {10 * x, 15 * y, x * y % 256};
                for (int c = 0; c < 3; c++) {
                    assertThat(found[3 * at + c] & 0xff)
                            .as("channel %d at %d, %d", c, x, y)
                            .isCloseTo(expected[c], within(tolerance));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"cmyk.tif, expected grey or red", "signed.tif, expected at most 16 bits without sign"})
    void whatIsNoPictureInColoursIsRefused(String name, String why) {
        assertThatThrownBy(() -> RgbImage.read(TestImages.named(name)))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll(name, why);
    }

    @Test
    void wholeFilesArePredictedAndCutOnesRefused() throws IOException, URISyntaxException {
        Path whole = TestImages.named("rgb16-predictor-profile.tif");
        Path out = folder.resolve("out");
        Ran ran = Ran.of("depth", whole, "--format", "png", "--output", out);
        assertThat(ran.code()).as(ran.err()).isZero();
        byte[] bytes = Files.readAllBytes(whole);
        for (double part : new double[] {0.02, 0.1, 0.5, 0.8}) {
            Path cut = Files.write(folder.resolve("cut.tif"), Arrays.copyOf(bytes, (int) (part * bytes.length)));
            ran = Ran.of("depth", cut, "--format", "png", "--output", out);
            assertThat(ran.code()).as("%s of the file: %s", part, ran.out()).isEqualTo(1);
            assertThat(ran.err()).contains("lotus: " + cut + " is cut short");
        }
    }
}
