package io.github.lotus4j.output;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** PNG files. */
final class Png {
    private Png() {}

    /** @param values 0 to 1, {@code [height, width]}; written as round(65535 · value) */
    static void writeGrey16(OutputStream out, float[] values, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
        short[] samples = ((DataBufferUShort) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) Math.round(65535 * Math.clamp(values[i], 0f, 1f));
        }
        write(out, image);
    }

    /** @param rgb {@code [height, width, 3]} */
    static void writeRgb(OutputStream out, byte[] rgb, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at += 3) {
                row[x] = ((rgb[at] & 0xff) << 16) | ((rgb[at + 1] & 0xff) << 8) | (rgb[at + 2] & 0xff);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        write(out, image);
    }

    private static void write(OutputStream out, BufferedImage image) throws IOException {
        try (MemoryCacheImageOutputStream target = new MemoryCacheImageOutputStream(out)) { // ImageIO's own is a file
            if (!ImageIO.write(image, "png", target)) {
                throw new IOException("this Java has no PNG writer");
            }
        }
    }
}
