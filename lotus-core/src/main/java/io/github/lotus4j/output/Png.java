package io.github.lotus4j.output;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import javax.imageio.ImageIO;

/** PNG images, as {@link PredictionWriter} has them in files. */
public final class Png {
    private Png() {}

    /**
     * Depth in 16 bits of grey, round(65535 · value).
     *
     * @param out stays open
     * @throws IOException if it cannot be written to
     */
    public static void write(OutputStream out, DepthMap depth) throws IOException {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(depth, "depth");
        writeGrey16(out, depth.toArray(), depth.width(), depth.height());
    }

    /**
     * Normals as the network's own picture, (n + 1) / 2 in 8 bits a channel, truncated as the reference does.
     *
     * @param out stays open
     * @throws IOException if it cannot be written to
     */
    public static void write(OutputStream out, NormalMap normals) throws IOException {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(normals, "normals");
        float[] image = normals.toImage();
        byte[] rgb = new byte[image.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (255 * image[i]);
        }
        writeRgb(out, rgb, normals.width(), normals.height());
    }

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
        if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java has no PNG writer");
        }
    }
}
