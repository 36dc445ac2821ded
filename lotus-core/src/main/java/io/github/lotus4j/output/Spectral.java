package io.github.lotus4j.output;

/** ColorBrewer's diverging "Spectral" in 256 steps, from red at 0 to blue at 1, painted as the reference does with matplotlib. */
final class Spectral {
    private static final int STEPS = 256;
    /** ColorBrewer 2.0, eleven classes. */
    private static final int[] ANCHORS = {
        0x9e0142, 0xd53e4f, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xe6f598, 0xabdda4, 0x66c2a5, 0x3288bd, 0x5e4fa2
    };

    private final byte[] table = new byte[3 * STEPS];

    Spectral() {
        int intervals = ANCHORS.length - 1;
        double last = STEPS - 1;
        for (int i = 0; i < STEPS; i++) { // operation by operation as matplotlib does: the results are truncated below
            double x = last * (i * (1 / last));
            int anchor = Math.clamp((int) Math.ceil(i * intervals / last) - 1, 0, intervals - 1);
            double left = anchor * (1.0 / intervals) * last;
            double right = anchor + 1 == intervals ? last : (anchor + 1) * (1.0 / intervals) * last;
            double distance = (x - left) / (right - left);
            for (int c = 0; c < 3; c++) {
                double from = share(ANCHORS[anchor], c);
                double to = share(ANCHORS[anchor + 1], c);
                table[3 * i + c] = (byte) ((distance * (to - from) + from) * 255);
            }
        }
    }

    private static double share(int colour, int channel) {
        return ((colour >> (16 - 8 * channel)) & 0xff) / 255.0;
    }

    /**
     * @param values 0 to 1
     * @return red, green, blue of each
     */
    byte[] paint(float[] values) {
        byte[] rgb = new byte[3 * values.length];
        for (int i = 0; i < values.length; i++) {
            int step = Math.clamp((int) (values[i] * STEPS), 0, STEPS - 1);
            System.arraycopy(table, 3 * step, rgb, 3 * i, 3);
        }
        return rgb;
    }
}
