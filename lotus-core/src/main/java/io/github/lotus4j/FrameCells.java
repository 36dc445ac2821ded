package io.github.lotus4j;

/**
 * A frame in a few cells, by which cuts are found: see {@link TemporalSmoothing}.
 *
 * @param means of each cell's pixels, in each channel, 0 to 255
 */
record FrameCells(float[] means) {
    private static final int SIDE = 8;

    /** Cells of an image with fewer pixels than that share them. */
    static FrameCells of(RgbImage image) {
        byte[] rgb = image.pixels();
        float[] means = new float[3 * SIDE * SIDE];
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            int top = edge(cell / SIDE, image.height());
            int left = edge(cell % SIDE, image.width());
            int bottom = Math.max(edge(cell / SIDE + 1, image.height()), top + 1);
            int right = Math.max(edge(cell % SIDE + 1, image.width()), left + 1);
            for (int c = 0; c < 3; c++) {
                long sum = 0;
                for (int y = top; y < bottom; y++) {
                    for (int x = left; x < right; x++) {
                        sum += rgb[3 * (y * image.width() + x) + c] & 0xff;
                    }
                }
                means[3 * cell + c] = (float) sum / ((bottom - top) * (right - left));
            }
        }
        return new FrameCells(means);
    }

    /** Where a cell begins, of {@code length} pixels. */
    static int edge(int cell, int length) {
        return (int) ((long) cell * length / SIDE);
    }

    /** The mean absolute difference, 0 to 1. */
    double distance(FrameCells other) {
        double sum = 0;
        for (int i = 0; i < means.length; i++) {
            sum += Math.abs(means[i] - other.means[i]);
        }
        return sum / means.length / 255;
    }
}
