package io.github.lotus4j.eval;

import io.github.lotus4j.error.LotusException;
import java.util.OptionalInt;

/**
 * The scale and shift that bring an affine-invariant prediction to metric values, by least squares over valid pixels. Ranftl et
 * al. 2022; the evaluation of Ke et al. 2024 (Marigold), which Lotus uses.
 */
public record Alignment(double scale, double shift) {
    /** Below this, an aligned disparity (1/m) is taken for this. */
    private static final double SMALLEST_DISPARITY = 1e-3;

    private static final double SMALLEST_DEPTH = 1e-6;

    /**
     * Fits {@code truth ≈ scale · prediction + shift}.
     *
     * @param valid the pixels to fit to, at least one
     * @param width pixels of a row
     * @param maxResolution where the longer edge exceeds it, only every so many columns are fitted to: the evaluation's own way
     *     of thinning, which leaves all rows
     */
    public static Alignment leastSquares(
            float[] prediction, float[] truth, boolean[] valid, int width, OptionalInt maxResolution) {
        int height = truth.length / width;
        if (width * height != truth.length || prediction.length != truth.length || valid.length != truth.length) {
            throw new LotusException(
                    "alignment: found %d predictions, %d true values, %d marks of validity for rows of %d pixels"
                            .formatted(prediction.length, truth.length, valid.length, width));
        }
        double factor = maxResolution.isPresent() ? (double) maxResolution.getAsInt() / Math.max(width, height) : 1;
        int columns = factor < 1 ? (int) (width * factor) : width;
        double n = 0;
        double meanX = 0;
        double meanY = 0;
        double squares = 0;
        double products = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < columns; column++) {
                int i = row * width + (factor < 1 ? Math.min((int) (column / factor), width - 1) : column);
                if (valid[i]) { // Welford's update: exact where values are large and near each other
                    n++;
                    double x = prediction[i] - meanX;
                    meanX += x / n;
                    meanY += (truth[i] - meanY) / n;
                    squares += x * (prediction[i] - meanX);
                    products += x * (truth[i] - meanY);
                }
            }
        }
        if (n == 0) {
            throw new LotusException("alignment: no pixel is valid, expected at least one");
        }
        double scale = squares > 0 ? products / squares : 0;
        return new Alignment(scale, meanY - scale * meanX);
    }

    /**
     * Metric depth from affine-invariant depth.
     *
     * @param truth metres
     * @param minDepth what results are clipped to, metres
     * @param maxDepth what results are clipped to, metres
     */
    public static float[] alignDepth(
            float[] prediction,
            float[] truth,
            boolean[] valid,
            int width,
            double minDepth,
            double maxDepth,
            OptionalInt maxResolution) {
        Alignment alignment = leastSquares(prediction, truth, valid, width, maxResolution);
        float[] depth = new float[prediction.length];
        for (int i = 0; i < depth.length; i++) {
            depth[i] = clip(alignment.apply(prediction[i]), minDepth, maxDepth);
        }
        return depth;
    }

    /** Metric depth from affine-invariant disparity, which is aligned to the true disparity where both are positive. */
    public static float[] alignDisparity(
            float[] prediction,
            float[] truth,
            boolean[] valid,
            int width,
            double minDepth,
            double maxDepth,
            OptionalInt maxResolution) {
        float[] disparity = new float[truth.length];
        boolean[] fitted = new boolean[truth.length];
        for (int i = 0; i < truth.length; i++) {
            disparity[i] = truth[i] > 0 ? 1 / truth[i] : 0;
            fitted[i] = valid[i] && truth[i] > 0 && prediction[i] > 0;
        }
        Alignment alignment = leastSquares(prediction, disparity, fitted, width, maxResolution);
        float[] depth = new float[prediction.length];
        for (int i = 0; i < depth.length; i++) {
            depth[i] = clip(1 / Math.max(alignment.apply(prediction[i]), SMALLEST_DISPARITY), minDepth, maxDepth);
        }
        return depth;
    }

    private static float clip(double depth, double minDepth, double maxDepth) {
        return (float) Math.max(Math.clamp(depth, minDepth, maxDepth), SMALLEST_DEPTH);
    }

    public double apply(double prediction) {
        return scale * prediction + shift;
    }
}
