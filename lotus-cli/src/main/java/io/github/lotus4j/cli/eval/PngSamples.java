package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.ImageFile;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/**
 * What a PNG file holds, as numbers rather than as a picture.
 *
 * @param channels 1 of grey, 3 of colours
 * @param bits of a sample, 8 or 16
 * @param samples {@code [height, width, channels]}
 */
record PngSamples(int width, int height, int channels, int bits, int[] samples) {
    private static final long MOST_SAMPLES = 1L << 28;

    /**
     * @param name for messages
     * @param channels that are expected
     * @throws LotusException if it is no such file, or has others
     */
    static PngSamples parse(String name, byte[] file, int channels) {
        Raster raster = raster(name, file);
        int bits = raster.getSampleModel().getSampleSize(0);
        if (raster.getNumBands() != channels || (bits != 8 && bits != 16)) {
            throw new LotusException("%s: found %d channels of %d bits, expected %d of 8 or 16"
                    .formatted(name, raster.getNumBands(), bits, channels));
        }
        int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
        return new PngSamples(raster.getWidth(), raster.getHeight(), channels, bits, samples);
    }

    private static Raster raster(String name, byte[] file) {
        Dimension size = ImageFile.size(name, file);
        long most = Math.min(MOST_SAMPLES, ExrImage.DEFLATED * file.length); // a byte a pixel, at least
        if ((long) size.width * size.height > most) {
            throw new LotusException("%s: found %d×%d pixels, expected at most %,d in a file of its length"
                    .formatted(name, size.width, size.height, most));
        }
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
            if (image == null || image.getColorModel() instanceof IndexColorModel) {
                throw new LotusException(name + ": found a picture with a palette, expected numbers");
            }
            return image.getRaster();
        } catch (IOException | RuntimeException e) { // Java's reader throws all kinds on broken files
            throw e instanceof LotusException known
                    ? known
                    : new LotusException(name + " is no PNG file that can be read: " + e.getMessage(), e);
        }
    }

    /** The largest value that a sample can have. */
    int largest() {
        return (1 << bits) - 1;
    }

    /** The samples divided by a number. */
    Plane dividedBy(double unit) {
        float[] values = new float[samples.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (samples[i] / unit);
        }
        return new Plane(width, height, channels, values);
    }
}
