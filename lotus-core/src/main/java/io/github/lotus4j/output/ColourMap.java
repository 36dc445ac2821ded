package io.github.lotus4j.output;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Colours for values, 256 of them each, to the bit as matplotlib has them. Near, or most, is the warm end of a map or, where there is
 * none, the bright one.
 */
public enum ColourMap {
    /** ColorBrewer's diverging map, from red at 0 to blue at 1, as the reference paints depth. */
    SPECTRAL("red", "blue", true) {
        @Override
        byte[] table() {
            return spectral();
        }
    },
    /** A rainbow of steady brightness from blue at 0 to red at 1. Mikhailov 2019; its table is Google's, Apache License 2.0. */
    TURBO("red", "dark blue", false) {
        @Override
        byte[] table() {
            return read("turbo.txt");
        }
    },
    /** From dark violet at 0 to yellow at 1, even for the eye, also without colours. Smith and van der Walt 2015, CC0. */
    VIRIDIS("yellow", "dark violet", false) {
        @Override
        byte[] table() {
            return read("viridis.txt");
        }
    },
    /** From black at 0 to white at 1. */
    GREY("white", "black", false) {
        @Override
        byte[] table() {
            return grey();
        }
    };

    private static final int STEPS = 256;

    /** ColorBrewer 2.0, eleven classes. */
    private static final int[] SPECTRAL_CLASSES = {
        0x9e0142, 0xd53e4f, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xe6f598, 0xabdda4, 0x66c2a5, 0x3288bd, 0x5e4fa2
    };

    private final String near;
    private final String far;
    private final boolean beginsNear;

    ColourMap(String near, String far, boolean beginsNear) {
        this.near = near;
        this.far = far;
        this.beginsNear = beginsNear;
    }

    /** Red, green, blue of every step, {@code [256, 3]}. */
    abstract byte[] table();

    /** What near, or most, is painted in, in words. */
    String near() {
        return near;
    }

    /** What far, or least, is painted in, in words. */
    String far() {
        return far;
    }

    /** Whether 0 is the end for near, or most. */
    boolean beginsNear() {
        return beginsNear;
    }

    /**
     * @param values 0 to 1, in which the map runs as its author has it; what lies beyond is painted as the nearer end
     * @return red, green, blue of each
     */
    public byte[] paint(float[] values) {
        Objects.requireNonNull(values, "values");
        byte[] table = table();
        byte[] rgb = new byte[3 * values.length];
        for (int i = 0; i < values.length; i++) {
            int step = Math.clamp((int) (values[i] * STEPS), 0, STEPS - 1);
            System.arraycopy(table, 3 * step, rgb, 3 * i, 3);
        }
        return rgb;
    }

    /**
     * Depth or disparity as a picture, near in the colour for near.
     *
     * @param range that the colours are stretched over
     * @return red, green, blue, {@code [height, width, 3]}
     */
    public byte[] paint(DepthMap depth, ValueRange range) {
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(range, "range");
        return paint(depth.toArray(), range.min(), range.max(), depth.kind() == DepthKind.AFFINE_DISPARITY);
    }

    /**
     * @param min of the values that the colours are stretched over
     * @param max of them
     * @param largeIsNear whether large values are painted as what is near, or most
     */
    byte[] paint(float[] values, float min, float max, boolean largeIsNear) {
        boolean reversed = largeIsNear == beginsNear;
        float length = max > min ? max - min : 1;
        float[] shares = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            float share = (values[i] - min) / length;
            shares[i] = reversed ? 1 - share : share;
        }
        return paint(shares);
    }

    /** All colours from near to far, {@code [256, 3]}. */
    byte[] fromNearToFar() {
        float[] values = new float[STEPS];
        for (int i = 0; i < STEPS; i++) {
            values[i] = (beginsNear ? i : STEPS - 1 - i) / (STEPS - 1f);
        }
        return paint(values);
    }

    private static byte[] spectral() {
        byte[] table = new byte[3 * STEPS];
        int intervals = SPECTRAL_CLASSES.length - 1;
        double last = STEPS - 1;
        for (int i = 0; i < STEPS; i++) { // operation by operation as matplotlib does: the results are truncated below
            double x = last * (i * (1 / last));
            int anchor = Math.clamp((int) Math.ceil(i * intervals / last) - 1, 0, intervals - 1);
            double left = anchor * (1.0 / intervals) * last;
            double right = anchor + 1 == intervals ? last : (anchor + 1) * (1.0 / intervals) * last;
            double distance = (x - left) / (right - left);
            for (int c = 0; c < 3; c++) {
                double from = share(SPECTRAL_CLASSES[anchor], c);
                double to = share(SPECTRAL_CLASSES[anchor + 1], c);
                table[3 * i + c] = (byte) ((distance * (to - from) + from) * 255);
            }
        }
        return table;
    }

    private static double share(int colour, int channel) {
        return ((colour >> (16 - 8 * channel)) & 0xff) / 255.0;
    }

    private static byte[] grey() {
        byte[] table = new byte[3 * STEPS];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) (i / 3);
        }
        return table;
    }

    /** A table of this package: two hexadecimal digits a byte, as matplotlib 3.11's {@code colormap(range(256), bytes=True)}. */
    private static byte[] read(String name) {
        try (InputStream in = ColourMap.class.getResourceAsStream("colours/" + name)) {
            if (in == null) {
                throw new FileNotFoundException("the library's own colours/" + name + " is missing");
            }
            String digits = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
