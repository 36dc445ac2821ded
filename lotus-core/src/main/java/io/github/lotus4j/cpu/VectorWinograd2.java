package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Winograd's F(2×2, 3×3) in vectors of channels: 16 products for 4 outputs. The matrices are {@link ScalarWinograd}'s, points
 * 0, 1, -1 and infinity, with what pairs of points share computed once.
 */
final class VectorWinograd2 implements WinogradTransforms {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final ScalarWinograd TAIL = ScalarWinograd.of(2);

    @Override
    public int tile() {
        return 2;
    }

    @Override
    public void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < 4; x++, from += pixel) {
                input(patch, from, row, scratch, x * LANES, 4 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 4; y++, into += 4 * product) {
                input(scratch, y * 4 * LANES, LANES, to, into, product);
            }
        }
        if (end < count) {
            TAIL.input(patch, at + end, row, pixel, to, toAt + end, product, count - end, scratch);
        }
    }

    private static void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        load(from, at).sub(d2).intoArray(to, toAt);
        d1.add(d2).intoArray(to, toAt + toStep);
        d2.sub(d1).intoArray(to, toAt + 2 * toStep);
        load(from, at + 3 * step).sub(d1).intoArray(to, toAt + 3 * toStep);
    }

    @Override
    public void weights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            for (int x = 0, from = at + i; x < 3; x++, from += tap) {
                weights(taps, from, 3 * tap, scratch, x * LANES, 3 * LANES);
            }
            for (int y = 0, into = toAt + i; y < 4; y++, into += 4 * product) {
                weights(scratch, y * 3 * LANES, LANES, to, into, product);
            }
        }
        if (end < count) {
            TAIL.weights(taps, at + end, tap, to, toAt + end, product, count - end, scratch);
        }
    }

    private static void weights(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector g0 = load(from, at);
        FloatVector g2 = load(from, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(0.5f);
        FloatVector middle = load(from, at + step).mul(0.5f);
        g0.intoArray(to, toAt);
        sum.add(middle).intoArray(to, toAt + toStep);
        sum.sub(middle).intoArray(to, toAt + 2 * toStep);
        g2.intoArray(to, toAt + 3 * toStep);
    }

    @Override
    public void output(
            float[] sums, int at, int product, float[] to, int toAt, int row, int pixel, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < 4; x++, from += product) {
                output(sums, from, 4 * product, scratch, x * LANES, 4 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 2; y++, into += row) {
                output(scratch, y * 4 * LANES, LANES, to, into, pixel);
            }
        }
        if (end < count) {
            TAIL.output(sums, at + end, product, to, toAt + end, row, pixel, count - end, scratch);
        }
    }

    private static void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector s1 = load(from, at + step);
        FloatVector s2 = load(from, at + 2 * step);
        load(from, at).add(s1).add(s2).intoArray(to, toAt);
        s1.sub(s2).add(load(from, at + 3 * step)).intoArray(to, toAt + toStep);
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }
}
