package io.github.lotus4j.cli.eval;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.eval.Alignment;
import io.github.lotus4j.eval.DepthMetrics;
import io.github.lotus4j.output.ColourMap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Depth or disparity, brought to metres by least squares over the valid pixels of each image; of all images, the mean. */
final class DepthScoring implements Scoring {
    /** Relative error that is painted in the last colour. */
    private static final double LARGEST_PAINTED = 0.5;

    private final DepthKind kind;
    private final double min;
    private final double max;
    private final OptionalInt alignmentMaxResolution;
    private final List<double[]> scores = new ArrayList<>();

    /**
     * @param min metres that aligned depth is clipped to
     * @param max metres that aligned depth is clipped to
     * @param alignmentMaxResolution as {@link Alignment#leastSquares} has it
     */
    DepthScoring(DepthKind kind, double min, double max, OptionalInt alignmentMaxResolution) {
        this.kind = kind;
        this.min = min;
        this.max = max;
        this.alignmentMaxResolution = alignmentMaxResolution;
    }

    @Override
    public List<Measure> measures() {
        return Measure.OF_DEPTH;
    }

    @Override
    public double[] add(Plane prediction, Truth truth) {
        DepthMetrics m = DepthMetrics.of(aligned(prediction, truth), truth.values(), truth.valid());
        double[] score = {
            m.absRel(), m.sqRel(), m.rmse(), m.rmseLog(), m.log10(),
            m.delta1(), m.delta2(), m.delta3(), m.inverseRmse(), m.silog()
        };
        scores.add(score);
        return score;
    }

    /** In metres, cut to the range. */
    float[] aligned(Plane prediction, Truth truth) {
        float[] values = prediction.values();
        return kind == DepthKind.AFFINE_DISPARITY
                ? Alignment.alignDisparity(
                        values, truth.values(), truth.valid(), truth.width(), min, max, alignmentMaxResolution)
                : Alignment.alignDepth(
                        values, truth.values(), truth.valid(), truth.width(), min, max, alignmentMaxResolution);
    }

    @Override
    public double[] summary() {
        double[] means = new double[measures().size()];
        for (int i = 0; i < means.length; i++) {
            int measure = i;
            means[i] = scores.stream()
                    .mapToDouble(score -> score[measure])
                    .average()
                    .orElse(Double.NaN);
        }
        return means;
    }

    @Override
    public Told told(double[] summary) {
        return new Told(100 * summary[0], 100 * summary[5]);
    }

    @Override
    public String method() {
        return kind == DepthKind.AFFINE_DISPARITY
                ? "scale and shift of each image by least squares in 1/depth"
                : "scale and shift of each image by least squares in depth";
    }

    @Override
    public List<byte[]> pictures(Plane prediction, Truth truth) {
        float[] aligned = aligned(prediction, truth);
        double nearest = Double.POSITIVE_INFINITY;
        double farthest = 0;
        for (int i = 0; i < aligned.length; i++) {
            if (truth.valid()[i]) {
                nearest = Math.min(nearest, truth.values()[i]);
                farthest = Math.max(farthest, truth.values()[i]);
            }
        }
        float[] errors = new float[aligned.length];
        for (int i = 0; i < errors.length; i++) {
            double error = Math.abs(aligned[i] - truth.values()[i]) / truth.values()[i];
            errors[i] = (float) (1 - error / LARGEST_PAINTED); // the colours begin with red
        }
        byte[] known = ColourMap.SPECTRAL.paint(shares(truth.values(), nearest, farthest));
        byte[] wrong = ColourMap.SPECTRAL.paint(errors);
        Blackened.where(truth.valid(), known, wrong);
        return List.of(known, ColourMap.SPECTRAL.paint(shares(aligned, nearest, farthest)), wrong);
    }

    private static float[] shares(float[] metres, double nearest, double farthest) {
        float[] shares = new float[metres.length];
        double span = farthest > nearest ? farthest - nearest : 1;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) ((metres[i] - nearest) / span);
        }
        return shares;
    }
}
