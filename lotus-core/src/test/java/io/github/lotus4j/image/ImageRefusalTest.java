package io.github.lotus4j.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.Hostile;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Image files that are refused, each by its name, and before memory is taken where they are too large. */
class ImageRefusalTest {
    @TempDir
    Path folder;

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        refused(folder.resolve("nothing.png"), "does not exist");
        refused(folder, "is a folder");
        refused(
                Files.writeString(folder.resolve("text.png"), "no picture\n"),
                "no image of a known format",
                "png",
                "jpg");
        refused(Files.createFile(folder.resolve("empty.png")), "is empty");
        refused(Files.writeString(folder.resolve("a.webp"), "RIFF....WEBPVP8 "), "is a WebP image", "imageio-webp");
    }

    @Test
    void noPermissionToRead() throws IOException {
        Path unreadable = Files.writeString(folder.resolve("secret.png"), "x");
        Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(unreadable), "this user reads everything");
        refused(unreadable, "permission denied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "tif"})
    @Fault(
            value = "an image is cut short",
            by = "a tenth, a half and nine tenths of PNG, JPEG, GIF, BMP and TIFF files",
            then = "an ImageException that says so")
    void truncatedImagesAreRefused(String format) throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, i * 7919);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        ImageIO.write(image, format, whole);
        for (double part : new double[] {0.1, 0.5, 0.9}) {
            byte[] half = Arrays.copyOf(whole.toByteArray(), (int) (part * whole.size()));
            Path file = Files.write(folder.resolve("half." + format), half);
            refused(file, "is cut short", String.valueOf(half.length));
        }
    }

    @Test
    void whatIsNoFileIsRefusedBeforeItIsRead() {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless), "this system has no /dev/zero");
        refused(endless, "is a device or a pipe");
    }

    @Test
    void tooLargeAFileIsRefusedBeforeItIsRead() throws IOException {
        Path file = folder.resolve("large.png");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength((1L << 30) + 1);
        }
        refused(file, "1073741825 bytes", "at most 1073741824");
        assertThatThrownBy(() -> ImageFile.read(ImageFileTest.resource("rgba.png"), 10))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContainingAll("reading", "rgba.png");
    }

    @Test
    void samplesOfMoreBitsOrWithASignAreRefused() {
        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        for (int type : new int[] {DataBuffer.TYPE_INT, DataBuffer.TYPE_SHORT}) {
            ColorModel model = new ComponentColorModel(grey, false, false, Transparency.OPAQUE, type);
            BufferedImage image = new BufferedImage(model, model.createCompatibleWritableRaster(4, 3), false, null);
            assertThatThrownBy(() -> Pixels.of(image))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContainingAll("image:", "expected at most 16 bits without sign");
        }
    }

    @Test
    void morePixelsThanAnArrayHoldsAreRefusedByName() throws IOException {
        refused(Files.write(folder.resolve("huge.png"), headerOfPng(60_000)), "60000×60000 pixels", "at most");
    }

    /** However well they are packed: no memory is taken for them. */
    @Test
    @Fault(
            value = "an image claims more pixels than its file can hold",
            by = "a PNG of 65 bytes for 20000×20000 pixels",
            then = "an ImageException, before memory is taken")
    void morePixelsThanTheFileHoldsAreRefusedBeforeTheyAreDecoded() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.write(headerOfPng(20_000));
        packed.write(chunk("IDAT", new byte[] {0x78, (byte) 0x9c, 0x03, 0, 0, 0, 0, 1})); // of no bytes
        packed.write(chunk("IEND", new byte[0]));
        byte[] bomb = packed.toByteArray();
        Hostile.read(1_000_000, () -> ImageFile.decode("bomb", bomb));
        refused(
                Files.write(folder.resolve("bomb.png"), bomb),
                "cut short or damaged",
                bomb.length + " bytes",
                "20000×20000 pixels");
        packed.reset();
        BufferedImage black = new BufferedImage(3000, 2000, BufferedImage.TYPE_3BYTE_BGR);
        ImageIO.write(black, "png", packed); // nearly as well as can be
        assertThat(ImageFile.decode("black", packed.toByteArray()).pixels().width())
                .isEqualTo(3000);
    }

    /** A file that ends after it. */
    private static byte[] headerOfPng(int side) {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(side).putInt(side).put(new byte[] {8, 2, 0, 0, 0});
        byte[] chunk = chunk("IHDR", header.array());
        return ByteBuffer.allocate(8 + chunk.length)
                .putLong(0x89504E470D0A1A0AL)
                .put(chunk)
                .array();
    }

    private static byte[] chunk(String type, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(type.getBytes(US_ASCII));
        crc.update(content);
        return ByteBuffer.allocate(12 + content.length)
                .putInt(content.length)
                .put(type.getBytes(US_ASCII))
                .put(content)
                .putInt((int) crc.getValue())
                .array();
    }

    /** 8-bit pixels take 4 decoded, 3 kept, 3 while turned; of 16 bits, 8 decoded; the file is there, and in the reader's stream. */
    @ParameterizedTest
    @CsvSource({"rgba.png, 10", "rgba16.png, 14"})
    @Fault(
            value = "an image needs more memory than there is",
            by = "a limit of one byte less than decoding takes",
            then = "an InsufficientMemoryException")
    void tooManyPixelsAreRefusedBeforeTheyAreDecoded(String name, int bytesPerPixel) throws Exception {
        Path file = ImageFileTest.resource(name);
        long needed = 2 * Files.size(file) + (long) bytesPerPixel * 24 * 16;
        assertThat(ImageFile.read(file, needed).pixels().rgb()).hasSize(3 * 24 * 16);
        assertThatThrownBy(() -> ImageFile.read(file, needed - 1))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContainingAll("decoding", name, "24×16 pixels");
    }

    private static void refused(Path file, String... words) {
        assertThatThrownBy(() -> ImageFile.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(words.length == 0 ? new String[] {""} : words)
                .message()
                .doesNotContain("\n");
    }
}
