package io.github.lotus4j.cli.eval;

import java.util.List;

/** Compares predictions with the truth, one image after the other. Not thread-safe. */
interface Scoring {
    /** What figures there are; the first is by which images are better or worse, the smaller the better. */
    List<Measure> measures();

    /**
     * Compares one, and counts it.
     *
     * @param prediction of the truth's size
     * @return a value for each measure
     * @throws io.github.lotus4j.error.LotusException if no pixel is valid; then it does not count
     */
    double[] add(Plane prediction, Truth truth);

    /** Of all that were counted, a value for each measure; NaN where there was none. */
    double[] summary();

    /** The figures, of {@link #summary()}, that papers tell. */
    Told told(double[] summary);

    /** How the comparison is made, in words. */
    String method();

    /**
     * What was true, what was predicted, and how far they are apart, in colours.
     *
     * @return red, green, blue of each, {@code [height, width, 3]}
     */
    List<byte[]> pictures(Plane prediction, Truth truth);

    /**
     * The two figures of a row in the paper's tables.
     *
     * @param error AbsRel in percent, or the mean angle in degrees
     * @param share of pixels that are right: percent with δ below 1.25, or with an angle below 11.25°
     */
    record Told(double error, double share) {}
}
