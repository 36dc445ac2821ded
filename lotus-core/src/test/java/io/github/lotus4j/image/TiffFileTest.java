package io.github.lotus4j.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TIFF files by Java's own reader. The command's tests read what takes a library. */
class TiffFileTest {
    @TempDir
    Path folder;

    /** Two pixels, grey, beside each other. */
    private Path tiff(String name, int[][] others, int... bytes) throws IOException {
        SortedMap<Integer, Integer> values = new TreeMap<>(
                Map.of(256, 2, 257, 1, 258, 8, 259, 1, 262, 1, 273, 200, 278, 1, 279, 2)); // by their tags
        for (int[] each : others) {
            values.put(each[0], each[1]);
        }
        ByteBuffer tiff = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put("II*\0".getBytes(US_ASCII)).putInt(8).putShort((short) values.size());
        values.forEach((tag, value) ->
                tiff.putShort(tag.shortValue()).putShort((short) 3).putInt(1).putInt(value));
        tiff.putInt(0).position(200);
        for (int each : bytes) {
            tiff.put((byte) each);
        }
        return Files.write(folder.resolve(name), tiff.array());
    }

    /** Turned to the right, they lie one above the other. */
    @Test
    void orientationOfATiffFile() throws IOException {
        Pixels pixels = ImageFile.read(tiff("turned.tif", new int[][] {{274, 6}}, 10, 90));
        assertThat(pixels.width()).isEqualTo(1);
        assertThat(pixels.rgb()).containsExactly(10, 10, 10, 90, 90, 90);
    }

    /** Of 64 bits, in both byte orders; only a reader on the class path can decode the pixels. */
    @ParameterizedTest
    @ValueSource(strings = {"II", "MM"})
    void orientationOfABigTiffFile(String order) {
        ByteBuffer tiff = ByteBuffer.allocate(16 + 8 + 2 * 20)
                .order(order.equals("II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        tiff.put(order.getBytes(US_ASCII))
                .putShort((short) 43)
                .putShort((short) 8)
                .putShort((short) 0);
        tiff.putLong(16).putLong(2);
        tiff.putShort((short) 256).putShort((short) 3).putLong(1).putLong(0);
        tiff.putShort((short) 274).putShort((short) 3).putLong(1).putShort((short) 6);
        assertThat(Exif.of(tiff.array()).orientation()).isEqualTo(Orientation.RIGHT_TURN_NEEDED);
        for (int length = 0; length < tiff.limit() - 20; length++) {
            Exif cut = Exif.of(Arrays.copyOf(tiff.array(), length));
            assertThat(cut.orientation()).isEqualTo(Orientation.UPRIGHT);
            assertThat(cut.hasDirectory()).isFalse();
        }
        for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, 60}) {
            assertThat(Exif.of(tiff.putLong(8, offset).array()).orientation()).isEqualTo(Orientation.UPRIGHT);
        }
        assertThat(Exif.of(tiff.putLong(8, 16).putLong(16, -1).array()).orientation())
                .isEqualTo(Orientation.UPRIGHT);
    }

    private static BufferedImage ofType(int type, int width) {
        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        ColorModel model = new ComponentColorModel(grey, false, false, Transparency.OPAQUE, type);
        return new BufferedImage(model, model.createCompatibleWritableRaster(width, 1), false, null);
    }

    @Test
    void floatingPointSamplesAreTakenFromZeroToOne() throws IOException {
        double[] samples = {0, 1, 0.5, 99.6 / 255, -3, 7, Double.POSITIVE_INFINITY};
        for (int type : new int[] {DataBuffer.TYPE_FLOAT, DataBuffer.TYPE_DOUBLE}) {
            BufferedImage image = ofType(type, samples.length);
            for (int x = 0; x < samples.length; x++) {
                image.getRaster().setSample(x, 0, 0, samples[x]);
            }
            Path file = folder.resolve(type + ".tif");
            assertThat(ImageIO.write(image, "tif", file.toFile())).isTrue();
            for (Pixels pixels : List.of(Pixels.of(image), ImageFile.read(file))) {
                int[] expected = {0, 255, 128, 100, 0, 255, 255};
                for (int x = 0; x < expected.length; x++) {
                    byte value = (byte) expected[x];
                    assertThat(Arrays.copyOfRange(pixels.rgb(), 3 * x, 3 * x + 3))
                            .containsExactly(value, value, value);
                }
            }
            image.getRaster().setSample(5, 0, 0, Double.NaN);
            ImageIO.write(image, "tif", file.toFile());
            assertThatThrownBy(() -> ImageFile.read(file))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContainingAll(file.toString(), "NaN at column 5, row 0");
        }
    }

    /** Java's reader would take their bits for whole numbers. */
    @Test
    void halfPrecisionNeedsAnotherReader() throws IOException {
        Path file = tiff("half.tif", new int[][] {{258, 16}, {279, 4}, {339, 3}}, 0, 0x3c, 0, 0x38);
        assertThatThrownBy(() -> ImageFile.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("half.tif", "floating-point", "imageio-tiff");
    }
}
