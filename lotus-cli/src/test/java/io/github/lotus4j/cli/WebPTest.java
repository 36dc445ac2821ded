package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.RgbImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebP, which the command reads by a library. */
class WebPTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /**
     * Pixels as Pillow has them, upright: an image of transparent and opaque pixels, kept whole, with a camera's notes; and one that
     * was compressed with losses, whose colours at half the resolution are enlarged in another way, with the profile of another space.
     */
    @ParameterizedTest
    @CsvSource({"lossless-alpha-exif-6.webp, 0", "lossy-profile.webp, 16"})
    void pixelsEqualPillows(String name, int tolerance) throws URISyntaxException {
        RgbImage actual = RgbImage.read(TestImages.named(name));
        RgbImage expected = RgbImage.read(TestImages.named(name.replace(".webp", ".expected.png")));
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.height()).isEqualTo(expected.height());
        byte[] wanted = expected.toArray();
        byte[] found = actual.toArray();
        for (int i = 0; i < wanted.length; i++) {
            assertThat(found[i] & 0xff).as("value %d", i).isCloseTo(wanted[i] & 0xff, within(tolerance));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossless-alpha-exif-6.webp", "lossy-profile.webp"})
    void wholeFilesArePredictedAndCutOnesRefused(String name) throws IOException, URISyntaxException {
        Path out = folder.resolve("out");
        Ran ran = Ran.of("depth", TestImages.named(name), "--format", "png", "--output", out);
        assertThat(ran.code()).as(ran.err()).isZero();
        byte[] whole = Files.readAllBytes(TestImages.named(name));
        for (double part : new double[] {0.1, 0.5, 0.8}) {
            Path cut = folder.resolve("cut.webp");
            Files.write(cut, Arrays.copyOf(whole, (int) (part * whole.length)));
            ran = Ran.of("depth", cut, "--format", "png", "--output", out);
            assertThat(ran.code()).as("%s of the file: %s", part, ran.out()).isEqualTo(1);
            assertThat(ran.err()).contains("lotus: " + cut);
        }
    }
}
