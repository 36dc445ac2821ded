package io.github.lotus4j.cpu;

import jdk.incubator.vector.VectorSpecies;

/**
 * Winograd's transforms in vectors of channels: each first over the columns of a tile, then over the rows of what that gave. The
 * matrices are {@link ScalarWinograd}'s; a subclass multiplies with them, and computes once what pairs of points share.
 *
 * <p>The channels are the innermost loop: then the compiler checks the bounds of all places before it, once. And there are no
 * methods of ours between a transform and the Vector API's: where the compiler takes a transform for a rare one, it would call
 * them instead of inlining them, and allocate each vector.
 */
abstract class VectorWinograd implements WinogradTransforms {
    static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    static final int LANES = SPECIES.length();
    private static final int CHANNELS = ScalarWinograd.CHANNELS;
    private static final int TAPS = 3;

    private final int tile;
    private final int points;
    private final ScalarWinograd tail; // of channels that fill no vector

    VectorWinograd(int tile) {
        this.tile = tile;
        tail = ScalarWinograd.of(tile);
        points = tail.points();
    }

    @Override
    public final int tile() {
        return tile;
    }

    /**
     * One column or row of pixels to its factors: {@code Bᵀd}. Of {@code count} channels, which fill vectors; so the others.
     *
     * @param toVector floats from one vector of channels to the next
     */
    abstract void input(float[] from, int at, int step, float[] to, int toAt, int toStep, int toVector, int count);

    /** Three taps to their factors: {@code Gg}. */
    abstract void weights(float[] from, int at, int step, float[] to, int toAt, int toStep, int count);

    /** Sums of products to pixels: {@code Aᵀs}. */
    abstract void output(float[] from, int at, int step, float[] to, int toAt, int toStep, int count);

    @Override
    public final void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points;
        int end = SPECIES.loopBound(count);
        int some;
        for (int c = 0; c < end; c += some) {
            some = Math.min(CHANNELS, end - c);
            for (int x = 0, from = at + c; x < n; x++, from += pixel) {
                input(patch, from, row, scratch, x * CHANNELS, n * CHANNELS, LANES, some);
            }
            for (int y = 0, into = toAt + VectorTiles.ROWS * c; y < n; y++, into += n * product) {
                input(scratch, y * n * CHANNELS, CHANNELS, to, into, product, VectorTiles.ROWS * LANES, some);
            }
        }
        if (end < count) {
            int into = toAt + VectorTiles.ROWS * end;
            tail.input(patch, at + end, row, pixel, to, into, product, count - end, scratch);
        }
    }

    @Override
    public final void weights(
            float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points;
        int end = SPECIES.loopBound(count);
        int some;
        for (int i = 0; i < end; i += some) {
            some = Math.min(CHANNELS, end - i);
            for (int x = 0, from = at + i; x < TAPS; x++, from += tap) {
                weights(taps, from, TAPS * tap, scratch, x * CHANNELS, TAPS * CHANNELS, some);
            }
            for (int y = 0, into = toAt + i; y < n; y++, into += n * product) {
                weights(scratch, y * TAPS * CHANNELS, CHANNELS, to, into, product, some);
            }
        }
        if (end < count) {
            tail.weights(taps, at + end, tap, to, toAt + end, product, count - end, scratch);
        }
    }

    @Override
    public final void output(
            float[] sums, int at, int product, float[] to, int toAt, int row, int pixel, int count, float[] scratch) {
        int n = points;
        int end = SPECIES.loopBound(count);
        int some;
        for (int c = 0; c < end; c += some) {
            some = Math.min(CHANNELS, end - c);
            for (int x = 0, from = at + c; x < n; x++, from += product) {
                output(sums, from, n * product, scratch, x * CHANNELS, n * CHANNELS, some);
            }
            for (int y = 0, into = toAt + c; y < tile; y++, into += row) {
                output(scratch, y * n * CHANNELS, CHANNELS, to, into, pixel, some);
            }
        }
        if (end < count) {
            tail.output(sums, at + end, product, to, toAt + end, row, pixel, count - end, scratch);
        }
    }
}
