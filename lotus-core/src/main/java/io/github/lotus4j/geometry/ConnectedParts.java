package io.github.lotus4j.geometry;

/** The parts of a mask whose pixels are neighbours in a row or column, each with its own free constant. */
final class ConnectedParts {
    private final int width;
    private final boolean[] left;
    /** Pixels of the part at hand; the first {@code found} are known, those before the one looked at are done. */
    private final int[] part;

    private int found;

    ConnectedParts(int width, boolean[] mask) {
        this.width = width;
        left = mask.clone();
        part = new int[mask.length];
    }

    /** Takes each part's mean off its values. */
    void center(double[] values) {
        for (int i = 0; i < left.length; i++) {
            if (left[i]) {
                collect(i);
                double sum = 0;
                for (int each = 0; each < found; each++) {
                    sum += values[part[each]];
                }
                for (int each = 0; each < found; each++) {
                    values[part[each]] -= sum / found;
                }
            }
        }
    }

    private void collect(int start) {
        found = 0;
        take(start);
        for (int next = 0; next < found; next++) {
            int pixel = part[next];
            if (pixel % width > 0) {
                take(pixel - 1);
            }
            if (pixel % width + 1 < width) {
                take(pixel + 1);
            }
            take(pixel - width);
            take(pixel + width);
        }
    }

    private void take(int pixel) {
        if (pixel >= 0 && pixel < left.length && left[pixel]) {
            left[pixel] = false;
            part[found++] = pixel;
        }
    }
}
