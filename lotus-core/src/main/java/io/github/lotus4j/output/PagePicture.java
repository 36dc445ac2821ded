package io.github.lotus4j.output;

import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.image.Resize;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as a page holds them: files in memory. */
final class PagePicture {
    /** At which losses are not seen. */
    private static final float JPEG_QUALITY = 0.9f;

    private PagePicture() {}

    /** @param longest edge in pixels that the picture is brought to where it is larger */
    static byte[] jpeg(RgbImage picture, int longest) throws IOException {
        int edge = Math.max(picture.width(), picture.height());
        int width = edge <= longest ? picture.width() : scaled(picture.width(), longest, edge);
        int height = edge <= longest ? picture.height() : scaled(picture.height(), longest, edge);
        return encoded("jpeg", image(resized(picture, width, height), width, height));
    }

    /** Unit vectors in the axes of the prediction as colours: (n + 1) / 2, rounded to 8 bits a channel. */
    static byte[] png(NormalMap normals) throws IOException {
        float[] vectors = normals.toArray();
        byte[] rgb = new byte[vectors.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.round(255 * (vectors[i] + 1) / 2);
        }
        return encoded("png", image(rgb, normals.width(), normals.height()));
    }

    private static int scaled(int side, int longest, int edge) {
        return (int) Math.max(1, Math.round((double) side * longest / edge));
    }

    private static byte[] resized(RgbImage picture, int width, int height) {
        byte[] rgb = picture.toArray();
        if (width == picture.width() && height == picture.height()) {
            return rgb;
        }
        Resize columns = Resize.of(picture.width(), width, Filter.BILINEAR);
        Resize rows = Resize.of(picture.height(), height, Filter.BILINEAR);
        byte[] resized = new byte[3 * width * height];
        float[] row = new float[3 * picture.width()]; // of the result's height, still of the picture's width
        for (int y = 0; y < height; y++) {
            mixRows(rgb, rows, y, row);
            mixColumns(row, columns, resized, 3 * width * y);
        }
        return resized;
    }

    private static void mixRows(byte[] rgb, Resize rows, int y, float[] row) {
        Arrays.fill(row, 0);
        for (int tap = 0; tap < rows.taps(); tap++) {
            float weight = rows.weights()[y * rows.taps() + tap];
            int from = (rows.first()[y] + tap) * row.length;
            for (int i = 0; i < row.length; i++) {
                row[i] += weight * (rgb[from + i] & 0xff);
            }
        }
    }

    private static void mixColumns(float[] row, Resize columns, byte[] resized, int at) {
        for (int i = 0; i < 3 * columns.first().length; i++) {
            float sum = 0;
            for (int tap = 0; tap < columns.taps(); tap++) {
                float weight = columns.weights()[i / 3 * columns.taps() + tap];
                sum += weight * row[3 * (columns.first()[i / 3] + tap) + i % 3];
            }
            resized[at + i] = (byte) Math.clamp(Math.round(sum), 0, 255);
        }
    }

    private static BufferedImage image(byte[] rgb, int width, int height) {
        return new BufferedImage(
                new ComponentColorModel(
                        ColorSpace.getInstance(ColorSpace.CS_sRGB),
                        false,
                        false,
                        Transparency.OPAQUE,
                        DataBuffer.TYPE_BYTE),
                Raster.createInterleavedRaster(
                        new DataBufferByte(rgb, rgb.length), width, height, 3 * width, 3, new int[] {0, 1, 2}, null),
                false,
                null);
    }

    private static byte[] encoded(String format, BufferedImage image) throws IOException {
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName(format);
        if (!writers.hasNext()) {
            throw new IOException("this Java has no writer of " + format + " files");
        }
        ImageWriter writer = writers.next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream target = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            if (format.equals("jpeg")) {
                settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                settings.setCompressionQuality(JPEG_QUALITY);
            }
            writer.setOutput(target);
            writer.write(null, new IIOImage(image, null, null), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
