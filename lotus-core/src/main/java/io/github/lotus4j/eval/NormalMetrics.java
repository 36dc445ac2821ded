package io.github.lotus4j.eval;

import io.github.lotus4j.error.LotusException;
import java.util.Arrays;

/**
 * Angles between predicted and true normals, over valid pixels. Fouhey et al. 2013; thresholds as in Bae and Davison 2024
 * (DSINE), whose evaluation Lotus uses.
 *
 * @param mean degrees
 * @param median degrees
 * @param rmse degrees
 * @param below5 percent of pixels under 5°
 * @param below7 percent under 7.5°
 * @param below11 percent under 11.25°
 * @param below22 percent under 22.5°
 * @param below30 percent under 30°
 */
public record NormalMetrics(
        double mean,
        double median,
        double rmse,
        double below5,
        double below7,
        double below11,
        double below22,
        double below30) {

    /**
     * @param normals {@code [H, W, 3]}, of any length but zero
     * @param truth {@code [H, W, 3]}, of any length but zero
     * @param valid {@code [H, W]}
     * @throws LotusException if no pixel is valid
     */
    public static NormalMetrics of(float[] normals, float[] truth, boolean[] valid) {
        return of(angles(normals, truth, valid));
    }

    /**
     * @param angles in degrees
     * @throws LotusException if there is none
     */
    public static NormalMetrics of(double[] angles) {
        int n = angles.length;
        if (n == 0) {
            throw new LotusException("normal metrics: no pixel is valid, expected at least one");
        }
        double[] sorted = angles.clone();
        Arrays.sort(sorted);
        double squares = Arrays.stream(sorted).map(each -> each * each).sum();
        return new NormalMetrics(
                Arrays.stream(sorted).average().orElseThrow(),
                (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
                Math.sqrt(squares / n),
                percentBelow(5, sorted),
                percentBelow(7.5, sorted),
                percentBelow(11.25, sorted),
                percentBelow(22.5, sorted),
                percentBelow(30, sorted));
    }

    /**
     * How far each valid pixel's normal is from the true one.
     *
     * @param normals {@code [H, W, 3]}, of any length; one of none is off by 90°, as the evaluation has it
     * @param truth {@code [H, W, 3]}, of any length
     * @param valid {@code [H, W]}
     * @return degrees, of valid pixels only, in their order
     */
    public static double[] angles(float[] normals, float[] truth, boolean[] valid) {
        double[] angles = new double[valid.length];
        int n = 0;
        for (int i = 0; i < valid.length; i++) {
            if (valid[i]) {
                angles[n++] = Math.toDegrees(angle(normals, truth, 3 * i));
            }
        }
        return Arrays.copyOf(angles, n);
    }

    private static double angle(float[] a, float[] b, int at) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = at; i < at + 3; i++) {
            product += (double) a[i] * b[i];
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        double lengths = Math.sqrt(lengthA * lengthB);
        return lengths == 0 ? Math.PI / 2 : Math.acos(Math.clamp(product / lengths, -1.0, 1.0));
    }

    private static double percentBelow(double degrees, double[] angles) {
        return 100.0 * Arrays.stream(angles).filter(angle -> angle < degrees).count() / angles.length;
    }
}
