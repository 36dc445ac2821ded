package io.github.lotus4j;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** An image of 8 bits a channel, red, green, blue. Immutable. */
public final class RgbImage {
    private final int width;
    private final int height;
    private final byte[] rgb;

    private RgbImage(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /**
     * An image from its bytes, which are copied.
     *
     * @param rgb {@code [height, width, 3]}, 0 to 255 as unsigned bytes
     */
    public static RgbImage of(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new ImageException("image: found %d bytes for %d×%d pixels, expected width · height · 3"
                    .formatted(rgb.length, width, height));
        }
        return new RgbImage(width, height, rgb.clone());
    }

    /** An image from one of Java's, converted to sRGB; transparency is dropped, not blended. */
    public static RgbImage of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        boolean grey = image.getRaster().getNumBands() == 1 && image.getColorModel().getNumColorComponents() == 1;
        int bits = image.getColorModel().getComponentSize(0);
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            if (grey) { // Java would take the samples for linear light
                image.getRaster().getSamples(0, y, width, 1, 0, row);
            } else {
                image.getRGB(0, y, width, 1, row, 0, width);
            }
            for (int pixel : row) {
                int whole = grey ? Math.round(pixel * 255f / ((1 << bits) - 1)) * 0x010101 : pixel;
                rgb[at++] = (byte) (whole >> 16);
                rgb[at++] = (byte) (whole >> 8);
                rgb[at++] = (byte) whole;
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /**
     * An image from a file that {@link ImageIO} can read.
     *
     * @throws ImageException if it cannot
     */
    public static RgbImage read(Path path) {
        File file = path.toFile();
        if (!Files.isRegularFile(path)) {
            throw new ImageException(path + (Files.exists(path) ? " is a folder" : " does not exist") + ", expected an image");
        }
        try {
            BufferedImage image = ImageIO.read(file);
            if (image == null) {
                throw new ImageException(path + " is no image of a known format, expected one of "
                        + String.join(", ", ImageIO.getReaderFileSuffixes()));
            }
            return of(image);
        } catch (IOException | RuntimeException e) { // decoders throw whatever they trip over
            if (e instanceof ImageException known) {
                throw known;
            }
            throw new ImageException(path + " cannot be decoded: " + e.getMessage(), e);
        }
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** A copy of the pixels, {@code [height, width, 3]}. */
    public byte[] toArray() {
        return rgb.clone();
    }

    float[] toFloats() {
        float[] floats = new float[rgb.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = rgb[i] & 0xff;
        }
        return floats;
    }
}
