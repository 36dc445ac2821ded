package io.github.lotus4j.cli.eval;

import io.github.lotus4j.eval.NormalMetrics;
import io.github.lotus4j.output.ColourMap;
import java.util.List;

/** Normals, by their angles to the true ones; of all images, over all their pixels, as DSINE's evaluation has it. */
final class NormalScoring implements Scoring {
    /** Degrees that are told apart in the median of all pixels, which cannot all be kept: ten thousand images have billions. */
    private static final double STEP = 1e-3;

    private static final double[] THRESHOLDS = {5, 7.5, 11.25, 22.5, 30};

    /** Angle that is painted in the last colour. */
    private static final double LARGEST_PAINTED = 60;

    private final long[] counts = new long[(int) Math.round(180 / STEP) + 1];
    private final long[] below = new long[THRESHOLDS.length];
    private long pixels;
    private double sum;
    private double squares;

    @Override
    public List<Measure> measures() {
        return Measure.OF_NORMALS;
    }

    @Override
    public double[] add(Plane prediction, Truth truth) {
        double[] angles = NormalMetrics.angles(prediction.values(), truth.values(), truth.valid());
        NormalMetrics m = NormalMetrics.of(angles);
        for (double angle : angles) {
            counts[(int) (angle / STEP)]++;
            sum += angle;
            squares += angle * angle;
            for (int i = 0; i < THRESHOLDS.length; i++) {
                below[i] += angle < THRESHOLDS[i] ? 1 : 0;
            }
        }
        pixels += angles.length;
        return new double[] {
            m.mean(), m.median(), m.rmse(), m.below5(), m.below7(), m.below11(), m.below22(), m.below30()
        };
    }

    @Override
    public double[] summary() {
        double[] summary = new double[measures().size()];
        summary[0] = sum / pixels;
        summary[1] = (angleOfRank((pixels + 1) / 2) + angleOfRank(pixels / 2 + 1)) / 2; // the median
        summary[2] = Math.sqrt(squares / pixels);
        for (int i = 0; i < below.length; i++) {
            summary[3 + i] = 100.0 * below[i] / pixels;
        }
        return summary;
    }

    /** The smallest has rank 1; NaN where there are not as many. */
    private double angleOfRank(long rank) {
        long before = 0;
        for (int i = 0; i < counts.length; i++) {
            before += counts[i];
            if (before >= rank) {
                return (i + 0.5) * STEP;
            }
        }
        return Double.NaN;
    }

    @Override
    public Told told(double[] summary) {
        return new Told(summary[0], summary[5]);
    }

    @Override
    public String method() {
        return "angles over all valid pixels of all images";
    }

    @Override
    public List<byte[]> pictures(Plane prediction, Truth truth) {
        byte[] known = colours(truth.values());
        float[] errors = new float[truth.valid().length];
        double[] angles = NormalMetrics.angles(prediction.values(), truth.values(), truth.valid());
        for (int i = 0, n = 0; i < errors.length; i++) {
            errors[i] =
                    truth.valid()[i] ? (float) (1 - angles[n++] / LARGEST_PAINTED) : 0; // the colours begin with red
        }
        byte[] wrong = ColourMap.SPECTRAL.paint(errors);
        Blackened.where(truth.valid(), known, wrong);
        return List.of(known, colours(prediction.values()), wrong);
    }

    private static byte[] colours(float[] normals) {
        byte[] rgb = new byte[normals.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.clamp(Math.round(255 * (normals[i] + 1) / 2), 0, 255);
        }
        return rgb;
    }
}
