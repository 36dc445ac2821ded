package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.eval.Alignment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Fits a relative depth map to known depths, in the space in which the two are a straight line: depth or its inverse. */
final class SampleFit {
    /** Robust slopes compare all pairs: so many samples, evenly picked, bound that. */
    private static final int MOST_FOR_PAIRS = 1000;

    /** Standard deviations at which a sample is an outlier, and a standard deviation in median absolute deviations. */
    private static final double OUTLIER = 2.5 * 1.4826;

    private final DepthKind kind;
    private final List<DepthSample> samples;
    private final float[] values;
    private final float[] truth;

    SampleFit(DepthMap map, List<DepthSample> samples) {
        kind = map.kind();
        this.samples = samples;
        values = new float[samples.size()];
        truth = new float[samples.size()];
        for (int i = 0; i < values.length; i++) {
            DepthSample sample = samples.get(i);
            if (sample.x() >= map.width() || sample.y() >= map.height()) {
                throw new LotusException(
                        "alignment: found a sample at column %d, row %d, expected one within %d×%d pixels"
                                .formatted(sample.x(), sample.y(), map.width(), map.height()));
            }
            values[i] = map.at(sample.x(), sample.y());
            truth[i] = (float) (kind == DepthKind.AFFINE_DISPARITY ? 1 / sample.metres() : sample.metres());
        }
    }

    private long distinctValues(boolean[] of) {
        return IntStream.range(0, of.length)
                .filter(i -> of[i])
                .mapToObj(i -> values[i])
                .distinct()
                .count();
    }

    private static LotusException oneValue(int samples) {
        return new LotusException(
                "alignment: found %d samples where the map has one value, expected at least two that differ"
                        .formatted(samples));
    }

    /** Least squares over all samples. */
    DepthAlignment leastSquares() {
        boolean[] all = new boolean[values.length];
        Arrays.fill(all, true);
        return fit(all);
    }

    /**
     * Least squares without outliers: those farther than 2.5 robust standard deviations from the line of repeated medians, which
     * almost half of all samples may be without moving it far. The deviations' median says what is standard; where that leaves
     * samples of two values at most, as of a wall and one more, the median of those that deviate. Siegel 1982; Rousseeuw and Leroy 1987.
     */
    DepthAlignment robust() {
        double slope = repeatedMedianSlope();
        double[] shifts = new double[values.length];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = truth[i] - slope * values[i];
        }
        double shift = median(shifts.clone());
        double[] distances = new double[values.length];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = Math.abs(shifts[i] - shift);
        }
        double rounding = 4 * Math.ulp(1f) * (Math.abs(shift) + Math.abs(slope)); // an exact fit has no deviation
        boolean[] kept = within(distances, Math.max(OUTLIER * median(distances.clone()), rounding));
        if (distinctValues(kept) <= 2) { // through which every line leads
            double[] off =
                    Arrays.stream(distances).filter(each -> each > rounding).toArray();
            kept = off.length == 0 ? kept : within(distances, OUTLIER * median(off));
        }
        return fit(kept);
    }

    private static boolean[] within(double[] distances, double limit) {
        boolean[] kept = new boolean[distances.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = distances[i] <= limit;
        }
        return kept;
    }

    /** For each sample the median of its slopes to all others; of those the median. */
    private double repeatedMedianSlope() {
        int count = Math.min(values.length, MOST_FOR_PAIRS);
        int[] picked = new int[count];
        for (int i = 0; i < count; i++) {
            picked[i] = (int) ((long) i * values.length / count);
        }
        double[] medians = new double[count];
        double[] slopes = new double[count];
        int found = 0;
        for (int i : picked) {
            int others = 0;
            for (int j : picked) {
                if (values[i] != values[j]) {
                    slopes[others++] = ((double) truth[j] - truth[i]) / ((double) values[j] - values[i]);
                }
            }
            if (others > 0) {
                medians[found++] = median(Arrays.copyOf(slopes, others));
            }
        }
        if (found == 0) {
            throw oneValue(count);
        }
        return median(Arrays.copyOf(medians, found));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
    }

    private DepthAlignment fit(boolean[] kept) {
        if (distinctValues(kept) < 2) {
            throw oneValue(
                    (int) IntStream.range(0, kept.length).filter(i -> kept[i]).count());
        }
        Alignment line = Alignment.leastSquares(values, truth, kept, values.length, OptionalInt.empty());
        if (!(line.scale() > 0)) {
            throw new LotusException(
                    "alignment: found the scale %s, expected more than 0: the samples' depths run against the map, of kind %s"
                            .formatted(line.scale(), kind));
        }
        int count = 0;
        double squares = 0;
        double relative = 0;
        DepthAlignment alignment = new DepthAlignment(kind, line, 0, 0, 0, 0);
        for (int i = 0; i < values.length; i++) {
            if (kept[i]) {
                count++;
                squares += Math.pow(line.apply(values[i]) - truth[i], 2);
                double metres = alignment.metres(values[i]);
                relative += Double.isNaN(metres)
                        ? Double.POSITIVE_INFINITY
                        : Math.abs(metres / samples.get(i).metres() - 1);
            }
        }
        return new DepthAlignment(
                kind, line, count, values.length - count, Math.sqrt(squares / count), relative / count);
    }
}
