package io.github.lotus4j.ops;

/**
 * How one axis of an image is resized: each result is a weighted sum of neighbouring pixels.
 *
 * @param from source pixels
 * @param to results
 * @param taps source pixels of each result; 0 where nothing is resized
 * @param first for each result, the first of them; all lie inside
 * @param weights {@code [to, taps]}
 */
public record Axis(int from, int to, int taps, int[] first, float[] weights) {
    /** Values that are read in well below a millisecond. */
    static final int VALUES_BETWEEN = 1 << 16;

    public Axis {
        if (taps == 0 ? from != to : first.length != to || weights.length != (long) to * taps) {
            throw new IllegalArgumentException("an axis from %d to %d pixels by %d taps, with %d places and %d weights"
                    .formatted(from, to, taps, first.length, weights.length));
        }
    }

    /** An axis that stays as it is. */
    public static Axis same(int size) {
        return new Axis(size, size, 0, new int[0], new float[0]);
    }

    public boolean same() {
        return taps == 0;
    }

    /**
     * Resizes the middle axis of {@code [outer, from, inner]}.
     *
     * @param between run now and then; what it throws ends this
     */
    public float[] apply(float[] values, int outer, int inner, Runnable between) {
        if (same()) {
            return values;
        }
        long since = 0;
        float[] resized = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < to; i++) {
                since += (long) taps * inner;
                if (since > VALUES_BETWEEN) {
                    since = 0;
                    between.run();
                }
                int at = (o * to + i) * inner;
                for (int t = 0; t < taps; t++) {
                    float weight = weights[i * taps + t];
                    int source = (o * from + first[i] + t) * inner;
                    for (int c = 0; c < inner; c++) {
                        resized[at + c] += weight * values[source + c];
                    }
                }
            }
        }
        return resized;
    }
}
