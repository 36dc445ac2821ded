package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * What a PNG file holds, as numbers rather than as a picture.
 *
 * @param channels 1 of grey, 3 of colours
 * @param bits of a sample, 8 or 16
 * @param samples {@code [height, width, channels]}
 */
record PngSamples(int width, int height, int channels, int bits, int[] samples) {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G'};

    /**
     * @param name for messages
     * @param channels that are expected; one has 16 bits, three may have 8
     * @throws LotusException if it is no such file, or has others
     */
    static PngSamples parse(String name, byte[] file, int channels) {
        if (file.length < SIGNATURE.length
                || !Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            throw new LotusException(name + " is no PNG file");
        }
        BufferedImage image = Picture.read(name, file);
        Raster raster = image.getRaster();
        int bits = raster.getSampleModel().getSampleSize(0);
        boolean palette = image.getColorModel() instanceof IndexColorModel;
        if (palette || raster.getNumBands() != channels || (bits != 16 && (bits != 8 || channels == 1))) {
            throw new LotusException("%s: found %s, expected %s"
                    .formatted(
                            name,
                            palette ? "a palette" : raster.getNumBands() + " channels of " + bits + " bits",
                            channels == 1 ? "one channel of 16 bits" : channels + " channels of 8 or 16 bits"));
        }
        int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
        return new PngSamples(raster.getWidth(), raster.getHeight(), channels, bits, samples);
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

    /** The samples taken for (n + 1) / 2 of the largest. */
    Plane unitVectors() {
        Plane plane = dividedBy(largest() / 2.0);
        for (int i = 0; i < plane.values().length; i++) {
            plane.values()[i] -= 1;
        }
        return plane;
    }
}
