package io.github.lotus4j.image;

/**
 * Resizing of float images, channels last, as torchvision resizes tensors with antialiasing: separable, pixel centres at half
 * coordinates, weights renormalised at the borders, nothing clamped.
 */
public final class Resize {
    private Resize() {}

    /**
     * @param values [height, width, channels]
     * @return [toHeight, toWidth, channels]
     */
    public static float[] apply(
            float[] values, int height, int width, int channels, int toHeight, int toWidth, Filter filter) {
        float[] wide = along(values, height, width, channels, toWidth, filter);
        return along(wide, 1, height, toWidth * channels, toHeight, filter);
    }

    /** Resizes the middle axis of [outer, from, inner]. */
    private static float[] along(float[] values, int outer, int from, int inner, int to, Filter filter) {
        if (from == to) {
            return values;
        }
        float[] resized = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
        for (int i = 0; i < to; i++) {
            Taps taps = filter == Filter.NEAREST ? nearest(i, from, to) : taps(i, from, to, filter);
            for (int o = 0; o < outer; o++) {
                int at = (o * to + i) * inner;
                for (int t = 0; t < taps.weights.length; t++) {
                    float weight = taps.weights[t];
                    int source = (o * from + taps.first + t) * inner;
                    for (int c = 0; c < inner; c++) {
                        resized[at + c] += weight * values[source + c];
                    }
                }
            }
        }
        return resized;
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
