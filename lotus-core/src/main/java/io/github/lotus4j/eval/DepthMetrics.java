package io.github.lotus4j.eval;

import io.github.lotus4j.error.LotusException;

/**
 * How far metric depth is from the truth, over valid pixels. Eigen et al. 2014, as Marigold's and Lotus's evaluation compute it.
 *
 * @param absRel mean of |d - t| / t
 * @param sqRel mean of (d - t)² / t
 * @param rmse root of the mean of (d - t)², metres
 * @param rmseLog root of the mean of (ln d - ln t)²
 * @param log10 mean of |log10 d - log10 t|
 * @param delta1 share of pixels with max(d / t, t / d) below 1.25
 * @param delta2 below 1.25²
 * @param delta3 below 1.25³
 * @param inverseRmse root of the mean of (1/d - 1/t)², 1/m
 * @param silog 100 times the standard deviation of ln d - ln t
 */
public record DepthMetrics(
        double absRel,
        double sqRel,
        double rmse,
        double rmseLog,
        double log10,
        double delta1,
        double delta2,
        double delta3,
        double inverseRmse,
        double silog) {

    /**
     * @param depth metres, aligned
     * @param truth metres
     * @throws LotusException if no pixel is valid
     */
    public static DepthMetrics of(float[] depth, float[] truth, boolean[] valid) {
        double[] sums = new double[10];
        int n = 0;
        for (int i = 0; i < depth.length; i++) {
            if (!valid[i]) {
                continue;
            }
            n++;
            double d = depth[i];
            double t = truth[i];
            double logs = Math.log(d) - Math.log(t);
            double ratio = Math.max(d / t, t / d);
            sums[0] += Math.abs(d - t) / t;
            sums[1] += (d - t) * (d - t) / t;
            sums[2] += (d - t) * (d - t);
            sums[3] += logs * logs;
            sums[4] += Math.abs(logs) / Math.log(10);
            sums[5] += ratio < 1.25 ? 1 : 0;
            sums[6] += ratio < 1.25 * 1.25 ? 1 : 0;
            sums[7] += ratio < 1.25 * 1.25 * 1.25 ? 1 : 0;
            sums[8] += (1 / d - 1 / t) * (1 / d - 1 / t);
            sums[9] += logs;
        }
        if (n == 0) {
            throw new LotusException("depth metrics: no pixel is valid, expected at least one");
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= n;
        }
        double variance = Math.max(0, sums[3] - sums[9] * sums[9]); // rounding may leave less than none
        return new DepthMetrics(
                sums[0],
                sums[1],
                Math.sqrt(sums[2]),
                Math.sqrt(sums[3]),
                sums[4],
                sums[5],
                sums[6],
                sums[7],
                Math.sqrt(sums[8]),
                100 * Math.sqrt(variance));
    }
}
