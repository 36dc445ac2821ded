package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Winograd's transforms in vectors of channels: each first over the columns of a tile, then over the rows of what that gave. The
 * matrices are {@link ScalarWinograd}'s; a subclass multiplies with them, and computes once what pairs of points share.
 */
abstract class VectorWinograd implements WinogradTransforms {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
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

    /** One column or row of pixels to its factors: {@code Bᵀd}. */
    abstract void input(float[] from, int at, int step, float[] to, int toAt, int toStep);

    /** Three taps to their factors: {@code Gg}. */
    abstract void weights(float[] from, int at, int step, float[] to, int toAt, int toStep);

    /** Sums of products to pixels: {@code Aᵀs}. */
    abstract void output(float[] from, int at, int step, float[] to, int toAt, int toStep);

    @Override
    public final void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points;
        int end = SPECIES.loopBound(count);
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < n; x++, from += pixel) {
                input(patch, from, row, scratch, x * LANES, n * LANES);
            }
            for (int y = 0, into = toAt + c; y < n; y++, into += n * product) {
                input(scratch, y * n * LANES, LANES, to, into, product);
            }
        }
        if (end < count) {
            tail.input(patch, at + end, row, pixel, to, toAt + end, product, count - end, scratch);
        }
    }

    @Override
    public final void weights(
            float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points;
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            for (int x = 0, from = at + i; x < TAPS; x++, from += tap) {
                weights(taps, from, TAPS * tap, scratch, x * LANES, TAPS * LANES);
            }
            for (int y = 0, into = toAt + i; y < n; y++, into += n * product) {
                weights(scratch, y * TAPS * LANES, LANES, to, into, product);
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
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < n; x++, from += product) {
                output(sums, from, n * product, scratch, x * LANES, n * LANES);
            }
            for (int y = 0, into = toAt + c; y < tile; y++, into += row) {
                output(scratch, y * n * LANES, LANES, to, into, pixel);
            }
        }
        if (end < count) {
            tail.output(sums, at + end, product, to, toAt + end, row, pixel, count - end, scratch);
        }
    }

    static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }
}
