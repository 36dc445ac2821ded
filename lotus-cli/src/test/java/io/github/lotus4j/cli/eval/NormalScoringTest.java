package io.github.lotus4j.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NormalScoringTest {
    /** Of normals that are so many degrees from the true ones, an image for each row. */
    private static double median(double[]... images) {
        NormalScoring scoring = new NormalScoring();
        for (double[] degrees : images) {
            float[] truth = new float[3 * degrees.length];
            float[] predicted = new float[3 * degrees.length];
            boolean[] valid = new boolean[degrees.length];
            for (int i = 0; i < degrees.length; i++) {
                truth[3 * i + 2] = 1;
                predicted[3 * i] = (float) Math.sin(Math.toRadians(degrees[i]));
                predicted[3 * i + 2] = (float) Math.cos(Math.toRadians(degrees[i]));
                valid[i] = true;
            }
            scoring.add(new Plane(degrees.length, 1, 3, predicted), new Truth(degrees.length, 1, truth, valid));
        }
        return scoring.summary()[1];
    }

    @Test
    void theMedianIsThatOfAllPixelsAndOfTwoInTheMiddleTheirMean() {
        assertThat(median(new double[] {30, 10, 80})).isCloseTo(30, within(1e-3));
        assertThat(median(new double[] {10}, new double[] {90})).isCloseTo(50, within(1e-3));
        assertThat(median(new double[] {10, 12, 80}, new double[] {20})).isCloseTo(16, within(1e-3));
        assertThat(new NormalScoring().summary()[1]).isNaN();
    }
}
