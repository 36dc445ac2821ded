package io.github.lotus4j.image;

/**
 * How one axis of an image is resized, as torchvision resizes tensors with antialiasing: pixel centres at half coordinates,
 * weights renormalised at the borders, nothing clamped.
 *
 * @param taps source pixels that each result is a weighted sum of
 * @param first for each result, the first of them
 * @param weights {@code [results, taps]}
 */
public record Resize(int taps, int[] first, float[] weights) {
    /** From so many pixels to so many. */
    public static Resize of(int from, int to, Filter filter) {
        Taps[] each = new Taps[to];
        int taps = 1;
        for (int i = 0; i < to; i++) {
            each[i] = filter == Filter.NEAREST ? nearest(i, from, to) : taps(i, from, to, filter);
            taps = Math.max(taps, each[i].weights.length);
        }
        int[] first = new int[to];
        float[] weights = new float[Math.multiplyExact(to, taps)];
        for (int i = 0; i < to; i++) {
            first[i] = Math.min(each[i].first, from - taps); // those in front then weigh nothing
            int at = i * taps + each[i].first - first[i];
            System.arraycopy(each[i].weights, 0, weights, at, each[i].weights.length);
        }
        return new Resize(taps, first, weights);
    }

    /** The source pixels that one result is made of. */
    private record Taps(int first, float[] weights) {}

    private static Taps nearest(int i, int from, int to) {
        return new Taps(Math.min((int) ((i + 0.5) * from / to), from - 1), new float[] {1});
    }

    private static Taps taps(int i, int from, int to, Filter filter) {
        double scale = (double) from / to;
        double widening = Math.max(scale, 1);
        double center = (i + 0.5) * scale;
        double support = filter.support() * widening;
        int first = Math.max((int) (center - support + 0.5), 0);
        int end = Math.min((int) (center + support + 0.5), from);
        double[] exact = new double[end - first];
        double sum = 0;
        for (int t = 0; t < exact.length; t++) {
            exact[t] = filter.at((first + t - center + 0.5) / widening);
            sum += exact[t];
        }
        float[] weights = new float[exact.length];
        for (int t = 0; t < exact.length; t++) {
            weights[t] = (float) (exact[t] / sum);
        }
        return new Taps(first, weights);
    }
}
