package io.github.lotus4j.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Image files as people have them; the expected pixels are Pillow's. */
class ImageFileTest {
    @TempDir
    Path folder;

    static Path resource(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(ImageFileTest.class.getResource("/images/" + name))
                .toURI());
    }

    @ParameterizedTest
    @CsvSource({"cmyk.jpg, cmyk, 3", "ycck.jpg, ycck, 4", "exif-6.jpg, exif-6, 3", "palette-alpha.png, palette-alpha, 0"
    })
    void equalsPillow(String file, String expected, int tolerance) throws URISyntaxException {
        assertClose(ImageFile.read(resource(file)), ImageFile.read(resource(expected + ".expected.png")), tolerance);
    }

    private static void assertClose(Pixels actual, Pixels expected, int tolerance) {
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.height()).isEqualTo(expected.height());
        for (int i = 0; i < expected.rgb().length; i++) {
            assertThat(actual.rgb()[i] & 0xff).as("value %d", i).isCloseTo(expected.rgb()[i] & 0xff, within(tolerance));
        }
    }

    /** The picture is red = 10 x, green = 15 y; corners as Pillow's exif_transpose puts them. */
    @ParameterizedTest
    @CsvSource({
        "1, 24, 16, 0, 0, 23, 0",
        "2, 24, 16, 23, 0, 0, 0",
        "3, 24, 16, 23, 15, 0, 15",
        "4, 24, 16, 0, 15, 23, 15",
        "5, 16, 24, 0, 0, 0, 15",
        "6, 16, 24, 0, 15, 0, 0",
        "7, 16, 24, 23, 15, 23, 0",
        "8, 16, 24, 23, 0, 23, 15"
    })
    void orientations(int value, int width, int height, int x0, int y0, int x1, int y1) throws URISyntaxException {
        Pixels pixels = ImageFile.read(resource("exif-" + value + ".png"));
        assertThat(pixels.width()).isEqualTo(width);
        assertThat(pixels.height()).isEqualTo(height);
        assertThat(pixel(pixels, 0, 0)).startsWith(10 * x0, 15 * y0);
        assertThat(pixel(pixels, width - 1, 0)).startsWith(10 * x1, 15 * y1);
    }

    private static int[] pixel(Pixels pixels, int x, int y) {
        int at = 3 * (y * pixels.width() + x);
        return new int[] {pixels.rgb()[at] & 0xff, pixels.rgb()[at + 1] & 0xff, pixels.rgb()[at + 2] & 0xff};
    }

    /** Lengths that would lead a walk over chunks nowhere, or back. */
    @ParameterizedTest
    @ValueSource(ints = {-12, -13, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void bytesAfterAPngAreIgnored(int length) throws Exception {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB), "png", png);
        byte[] more = ByteBuffer.allocate(12)
                .putInt(length)
                .put("abcdefgh".getBytes(US_ASCII))
                .array();
        png.write(more);
        Path file = Files.write(folder.resolve("longer.png"), png.toByteArray());
        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), () -> ImageFile.read(file))
                        .width())
                .isEqualTo(8);
        byte[] noEnd = Arrays.copyOf(png.toByteArray(), png.size() - 24);
        System.arraycopy(more, 0, noEnd, noEnd.length - 12, 12);
        assertThat(assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> Exif.of(noEnd).orientation()))
                .isEqualTo(Orientation.UPRIGHT);
    }

    @Test
    void brokenExifIsIgnored() throws Exception {
        byte[] jpeg = Files.readAllBytes(resource("exif-6.jpg"));
        int tiff = new String(jpeg, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("Exif") + 6;
        for (int i = 0; i < 24; i++) {
            byte[] broken = jpeg.clone();
            broken[tiff + i] ^= (byte) 0xff;
            assertThat(ImageFile.read(Files.write(folder.resolve(i + ".jpg"), broken))
                            .rgb())
                    .hasSize(3 * 24 * 16);
        }
    }

    /** A profile that would change every value: linear light. */
    @ParameterizedTest
    @ValueSource(strings = {"jpg", "png", "tif"})
    void colourProfilesAreNotApplied(String format) throws IOException {
        BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 24 * 16; i++) {
            image.setRGB(i % 24, i / 24, 0x102030 * (i % 8));
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ImageIO.write(image, format, plain);
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] profiled = switch (format) {
            case "jpg" -> withJpegProfile(plain.toByteArray(), profile);
            case "png" -> withPngProfile(plain.toByteArray(), profile);
            default -> withTiffProfile(plain.toByteArray(), profile);
        };
        assertThat(ImageFile.read(Files.write(folder.resolve("profiled." + format), profiled))
                        .rgb())
                .isEqualTo(ImageFile.read(Files.write(folder.resolve("plain." + format), plain.toByteArray()))
                        .rgb());
    }

    /** In an APP2 segment after the JFIF one. ICC.1, annex B.4. */
    private static byte[] withJpegProfile(byte[] jpeg, byte[] profile) {
        byte[] head = "ICC_PROFILE\0\1\1".getBytes(US_ASCII);
        int jfif = 4 + ByteBuffer.wrap(jpeg).getShort(4);
        return ByteBuffer.allocate(jpeg.length + 4 + head.length + profile.length)
                .put(jpeg, 0, jfif)
                .putShort((short) 0xffe2)
                .putShort((short) (2 + head.length + profile.length))
                .put(head)
                .put(profile)
                .put(jpeg, jfif, jpeg.length - jfif)
                .array();
    }

    /** In tag 34675 of a directory that is moved to the end. */
    private static byte[] withTiffProfile(byte[] tiff, byte[] profile) {
        ByteOrder order = tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        ByteBuffer before = ByteBuffer.wrap(tiff).order(order);
        int directory = before.getInt(4);
        int entries = before.getShort(directory);
        ByteBuffer after = ByteBuffer.allocate(tiff.length + profile.length + 2 + 12 * entries + 12 + 4)
                .order(order);
        after.put(tiff).putInt(4, tiff.length + profile.length).put(profile).putShort((short) (entries + 1));
        after.put(tiff, directory + 2, 12 * entries);
        after.putShort((short) 34675)
                .putShort((short) 7)
                .putInt(profile.length)
                .putInt(tiff.length)
                .putInt(0);
        return after.array();
    }

    /** In an iCCP chunk after the header. */
    private static byte[] withPngProfile(byte[] png, byte[] profile) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes("iCCPlinear\0\0".getBytes(US_ASCII));
        try (DeflaterOutputStream deflated = new DeflaterOutputStream(content)) {
            deflated.write(profile);
        }
        CRC32 crc = new CRC32();
        crc.update(content.toByteArray());
        return ByteBuffer.allocate(png.length + 8 + content.size())
                .put(png, 0, 33)
                .putInt(content.size() - 4)
                .put(content.toByteArray())
                .putInt((int) crc.getValue())
                .put(png, 33, png.length - 33)
                .array();
    }

    /** What only a reader on the class path can decode has a camera's notes all the same. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Exif\0\0"})
    void orientationOfAWebPFile(String prefix) {
        byte[] tiff = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0};
        byte[] file = webP("VP8L", new byte[5], "EXIF", (prefix + new String(tiff, ISO_8859_1)).getBytes(ISO_8859_1));
        assertThat(Exif.of(file).orientation()).isEqualTo(Orientation.RIGHT_TURN_NEEDED);
        for (int length = 0; length < file.length; length++) {
            Exif.of(Arrays.copyOf(file, length)).orientation();
        }
        for (int length : new int[] {-1, -8, -9, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(16, length);
            assertThat(assertTimeoutPreemptively(
                            Duration.ofSeconds(20), () -> Exif.of(file).orientation()))
                    .isEqualTo(Orientation.UPRIGHT);
        }
    }

    private static byte[] webP(String first, byte[] content, String second, byte[] more) {
        int length = 12 + 8 + content.length + content.length % 2 + 8 + more.length;
        ByteBuffer file = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(US_ASCII)).putInt(length - 8).put("WEBP".getBytes(US_ASCII));
        file.put(first.getBytes(US_ASCII)).putInt(content.length).put(content);
        file.position(file.position() + content.length % 2);
        file.put(second.getBytes(US_ASCII)).putInt(more.length).put(more);
        return file.array();
    }

    @Test
    void transparencyIsDroppedNotBlended() throws URISyntaxException {
        Pixels rgba = ImageFile.read(resource("rgba.png"));
        assertThat(rgba.rgb()).isEqualTo(ImageFile.read(resource("exif-1.png")).rgb());
        assertThat(pixel(ImageFile.read(resource("grey-alpha.png")), 7, 0)).containsExactly(70, 70, 70);
    }

    @Test
    void sixteenBitGreyIsRoundedToEight() throws IOException {
        BufferedImage image = new BufferedImage(256, 257, BufferedImage.TYPE_USHORT_GRAY);
        WritableRaster raster = image.getRaster();
        for (int v = 0; v < 65536; v++) {
            raster.setSample(v % 256, v / 256, 0, v);
        }
        Path file = folder.resolve("grey16.png");
        ImageIO.write(image, "png", file.toFile());
        Pixels pixels = ImageFile.read(file);
        for (int v = 0; v < 65536; v++) {
            int expected = (int) Math.round(v / 257.0);
            assertThat(pixel(pixels, v % 256, v / 256)).as("value %d", v).containsExactly(expected, expected, expected);
        }
    }

    @Test
    void eightBitGreyAndUserImagesKeepTheirSamples() {
        BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage packed = new BufferedImage(256, 1, BufferedImage.TYPE_INT_ARGB);
        BufferedImage bytes = new BufferedImage(256, 1, BufferedImage.TYPE_3BYTE_BGR);
        for (int v = 0; v < 256; v++) {
            grey.getRaster().setSample(v, 0, 0, v);
            packed.setRGB(v, 0, (v << 24) | (v << 16) | ((255 - v) << 8) | 7);
            bytes.setRGB(v, 0, (v << 16) | ((255 - v) << 8) | 7);
        }
        for (int v = 0; v < 256; v++) {
            assertThat(pixel(Pixels.of(grey), v, 0)).containsExactly(v, v, v);
            assertThat(pixel(Pixels.of(packed), v, 0)).containsExactly(v, 255 - v, 7);
            assertThat(pixel(Pixels.of(bytes), v, 0)).containsExactly(v, 255 - v, 7);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4000", "4000, 1"})
    void extremeShapes(int width, int height) throws IOException {
        Path file = folder.resolve("thin.png");
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        Pixels pixels = ImageFile.read(file);
        assertThat(pixels.width()).isEqualTo(width);
        assertThat(pixels.height()).isEqualTo(height);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exif-6.jpg", "cmyk.jpg", "rgba16.png"})
    void filesInMemoryAreReadAsThoseOnDisk(String name) throws Exception {
        Path file = resource(name);
        byte[] bytes = Files.readAllBytes(file);
        Photograph expected = ImageFile.readPhotograph(file);
        Photograph actual = ImageFile.decode(name, bytes);
        assertThat(actual.pixels().rgb()).isEqualTo(expected.pixels().rgb());
        assertThat(actual.pixels().width()).isEqualTo(expected.pixels().width());
        assertThat(actual.focalLength35mm()).isEqualTo(expected.focalLength35mm());
        assertThat(bytes).isEqualTo(Files.readAllBytes(file));
        assertThat(ImageFile.size(name, bytes).width * ImageFile.size(name, bytes).height)
                .isEqualTo(expected.pixels().width() * expected.pixels().height());
        assertThatThrownBy(() -> ImageFile.decode(name, new byte[5]))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(name + " is no image");
        assertThatThrownBy(() -> ImageFile.size(name, new byte[0]))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(name + " is empty");
    }

    @Test
    void imagesAsTheyAreStored() throws Exception {
        byte[] lying = Files.readAllBytes(resource("exif-6.jpg"));
        BufferedImage stored = ImageFile.decodeStored("exif-6.jpg", lying);
        Pixels upright = ImageFile.decode("exif-6.jpg", lying).pixels();
        assertThat(stored.getWidth()).isEqualTo(upright.height()).isNotEqualTo(upright.width());
        assertThat(Pixels.of(stored).upright(Exif.of(lying).orientation()).rgb())
                .isEqualTo(upright.rgb());
        byte[] deep = Files.readAllBytes(resource("rgba16.png"));
        assertThat(ImageFile.decodeStored("rgba16.png", deep).getSampleModel().getSampleSize())
                .containsExactly(16, 16, 16, 16);
        ByteBuffer.wrap(deep).putInt(16, 1 << 20).putInt(20, 1 << 9); // its header's width and height
        assertThatThrownBy(() -> ImageFile.decodeStored("rgba16.png", deep))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("cannot hold its header's 1048576×512 pixels");
        ByteBuffer.wrap(deep).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
        assertThatThrownBy(() -> ImageFile.decodeStored("rgba16.png", deep))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("found 2147483647×2147483647 pixels, expected at most");
        assertThatThrownBy(() -> ImageFile.decodeStored("cmyk.jpg", Files.readAllBytes(resource("cmyk.jpg"))))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("four inks");
    }
}
