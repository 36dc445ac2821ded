package io.github.lotus4j.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Objects;

/**
 * Red, green and blue of 8 bits each, row by row from the top.
 *
 * @param rgb {@code [height, width, 3]}, 0 to 255 as unsigned bytes
 */
public record Pixels(int width, int height, byte[] rgb) {
    /** @throws ImageException if the sizes do not agree */
    public Pixels {
        if (width < 1 || height < 1) {
            throw new ImageException("image: found %d×%d pixels, expected at least 1×1".formatted(width, height));
        }
        if (rgb.length != 3L * width * height) {
            throw new ImageException("image: found %d bytes for %d×%d pixels, expected width · height · 3"
                    .formatted(rgb.length, width, height));
        }
    }

    /**
     * The samples as they are stored, as the reference reads them: colour profiles are not applied, transparency is dropped, not
     * blended; grey becomes three equal channels; 16 bits become 8, rounded; floating-point samples become round(255 · sample), what
     * lies outside of 0 to 1 being cut off.
     */
    public static Pixels of(BufferedImage image) {
        Objects.requireNonNull(image, "image");
        return of("image", image);
    }

    /** @param name for messages */
    static Pixels of(String name, BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        requireFits(name, width, height);
        byte[] rgb = new byte[3 * width * height];
        ColorModel model = image.getColorModel();
        if (!(model instanceof ComponentColorModel) || model.isAlphaPremultiplied()) {
            int[] row = new int[width];
            for (int y = 0, at = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int pixel : row) {
                    rgb[at++] = (byte) (pixel >> 16);
                    rgb[at++] = (byte) (pixel >> 8);
                    rgb[at++] = (byte) pixel;
                }
            }
            return new Pixels(width, height, rgb);
        }
        int transfer = model.getTransferType();
        boolean floats = transfer == DataBuffer.TYPE_FLOAT || transfer == DataBuffer.TYPE_DOUBLE;
        if (!floats && transfer != DataBuffer.TYPE_BYTE && transfer != DataBuffer.TYPE_USHORT) {
            throw new ImageException(name + ": found whole numbers of " + DataBuffer.getDataTypeSize(transfer)
                    + " bits as samples, expected at most 16 bits without sign, or floating-point numbers from 0 to 1");
        }
        int type = model.getColorSpace().getType();
        if (type != ColorSpace.TYPE_GRAY && type != ColorSpace.TYPE_RGB) {
            throw new ImageException(name + ": found " + model.getNumColorComponents()
                    + " colour components of a colour space of type " + type + ", expected grey or red, green, blue");
        }
        int step = type == ColorSpace.TYPE_GRAY ? 0 : 1;
        if (floats) {
            roundSamples(name, image.getRaster(), step, rgb);
        } else {
            copySamples(image.getRaster(), step, (1L << model.getComponentSize(0)) - 1, rgb);
        }
        return new Pixels(width, height, rgb);
    }

    /** @param step from one colour's band to the next */
    private static void copySamples(Raster raster, int step, long largest, byte[] rgb) {
        int bands = raster.getNumBands();
        int[] row = new int[raster.getWidth() * bands];
        for (int y = 0, at = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int x = 0; x < row.length; x += bands) {
                for (int colour = 0; colour < 3; colour++) {
                    long sample = row[x + colour * step];
                    rgb[at++] = (byte) ((sample * 255 + largest / 2) / largest);
                }
            }
        }
    }

    /** @param step from one colour's band to the next */
    private static void roundSamples(String name, Raster raster, int step, byte[] rgb) {
        int bands = raster.getNumBands();
        float[] row = new float[raster.getWidth() * bands];
        for (int y = 0, at = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int x = 0; x < row.length; x += bands) {
                for (int colour = 0; colour < 3; colour++) {
                    float sample = row[x + colour * step];
                    if (Float.isNaN(sample)) {
                        throw new ImageException("%s: found NaN at column %d, row %d, expected numbers from 0 to 1"
                                .formatted(name, x / bands, y));
                    }
                    rgb[at++] = (byte) Math.round(255 * Math.clamp(sample, 0f, 1f));
                }
            }
        }
    }

    static void requireFits(String name, int width, int height) {
        if ((long) width * height > (Integer.MAX_VALUE - 8) / 3) {
            throw new ImageException("%s: found %d×%d pixels, expected at most %d in all"
                    .formatted(name, width, height, (Integer.MAX_VALUE - 8) / 3));
        }
    }

    /** Turned upright, as {@code orientation} says how it lies. */
    Pixels upright(Orientation orientation) {
        if (orientation == Orientation.UPRIGHT) {
            return this;
        }
        int newWidth = orientation.turned() ? height : width;
        int newHeight = orientation.turned() ? width : height;
        byte[] turned = new byte[rgb.length];
        for (int y = 0, at = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++, at += 3) {
                int from = 3
                        * (orientation.sourceY(x, y, width, height) * width + orientation.sourceX(x, y, width, height));
                System.arraycopy(rgb, from, turned, at, 3);
            }
        }
        return new Pixels(newWidth, newHeight, turned);
    }
}
