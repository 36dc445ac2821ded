package io.github.lotus4j;

/**
 * What the members of an ensemble agree on.
 *
 * @param values as a member has them
 * @param spread how far the members are from that, for each pixel
 */
record Consensus(float[] values, float[] spread) {
    /** Pixels between two questions whether to go on. */
    static final int PIXELS = 1 << 16;
}
