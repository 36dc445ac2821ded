package io.github.lotus4j;

import io.github.lotus4j.eval.Alignment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The median of depth maps that are right up to a scale and a shift each, after they were brought into one frame. The idea is the
 * test-time ensembling of Ke et al., CVPR 2024 (Marigold), which minimises the distances between all pairs under a regulariser that
 * keeps them from shrinking to nothing. Here it is least squares in turns: every member is fitted to the median of all, and the median
 * is taken anew.
 *
 * <p>No member is the reference, so their order does not matter, and one that is off does not spoil it. A fit by least squares shrinks
 * what is fitted, the more the noisier it is; so after each round the frame is set back to where the median of the members' scales
 * is 1 and that of their shifts 0: that of a typical member as it was predicted.
 */
final class DepthConsensus {
    /** The first finds the frame; what different frames and noise have left in it, each further one makes many times smaller. */
    private static final int ROUNDS = 3;

    private static final Alignment AS_PREDICTED = new Alignment(1, 0);

    private final List<float[]> members;
    private final int pixels;
    private final Runnable requireRunning;
    private final Alignment[] lines; // from each member to the frame
    private final double[] aligned; // the members' values at a pixel

    private DepthConsensus(List<float[]> members, Runnable requireRunning) {
        this.members = members;
        this.requireRunning = requireRunning;
        pixels = members.getFirst().length;
        lines = new Alignment[members.size()];
        aligned = new double[members.size()];
        Arrays.fill(lines, AS_PREDICTED);
    }

    /**
     * @param members of one size, each [H, W] with finite values
     * @param requireRunning called often; what it throws ends this
     * @return the median, in [0, 1], and for each pixel the median of the absolute differences to it
     */
    static Consensus of(List<float[]> members, Runnable requireRunning) {
        DepthConsensus consensus = new DepthConsensus(members, requireRunning);
        for (int round = 0; round < ROUNDS; round++) {
            consensus.alignToMedian();
        }
        return consensus.withinOne();
    }

    private void alignToMedian() {
        float[] reference = new float[pixels];
        double sum = 0;
        for (int pixel = 0; pixel < pixels; pixel++) {
            reference[pixel] = (float) medianAt(pixel);
            sum += reference[pixel];
        }
        boolean[] everywhere = new boolean[pixels];
        Arrays.fill(everywhere, true);
        for (int i = 0; i < lines.length; i++) {
            requireRunning.run();
            Alignment line = Alignment.leastSquares(members.get(i), reference, everywhere, pixels, OptionalInt.empty());
            // near and far cannot be swapped: for a member that runs against the others, a constant is the best fit
            lines[i] = line.scale() < 0 ? new Alignment(0, sum / pixels) : line;
        }
        setFrameBack();
    }

    private void setFrameBack() {
        double scale = median(
                Arrays.stream(lines).mapToDouble(Alignment::scale).sorted().toArray());
        double shift = median(
                Arrays.stream(lines).mapToDouble(Alignment::shift).sorted().toArray());
        if (scale > 0) {
            Arrays.setAll(lines, i -> new Alignment(lines[i].scale() / scale, (lines[i].shift() - shift) / scale));
        } else { // most members are constant, or have nothing in common
            Arrays.fill(lines, AS_PREDICTED);
        }
    }

    /** Leaves the members' aligned values at the pixel in rising order. */
    private double medianAt(int pixel) {
        if (pixel % Consensus.PIXELS == 0) {
            requireRunning.run();
        }
        for (int i = 0; i < aligned.length; i++) {
            aligned[i] = lines[i].apply(members.get(i)[pixel]);
        }
        Arrays.sort(aligned);
        return median(aligned);
    }

    private static double median(double[] sorted) {
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The result; where aligning has led beyond 0 or 1, all of it is moved and shrunk to end there. */
    private Consensus withinOne() {
        float[] values = new float[pixels];
        float[] spread = new float[pixels];
        float smallest = 0;
        float largest = 1;
        for (int pixel = 0; pixel < pixels; pixel++) {
            double median = medianAt(pixel);
            values[pixel] = (float) median;
            spread[pixel] = (float) deviation(median);
            smallest = Math.min(smallest, values[pixel]);
            largest = Math.max(largest, values[pixel]);
        }
        if (smallest < 0 || largest > 1) {
            float range = largest - smallest;
            for (int pixel = 0; pixel < pixels; pixel++) {
                values[pixel] = (values[pixel] - smallest) / range;
                spread[pixel] /= range;
            }
        }
        return new Consensus(values, spread);
    }

    private double deviation(double median) {
        for (int i = 0; i < aligned.length; i++) {
            aligned[i] = Math.abs(aligned[i] - median);
        }
        Arrays.sort(aligned);
        return median(aligned);
    }
}
