package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Winograd's F(4×4, 3×3) in vectors of channels: 36 products for 16 outputs. The matrices are {@link ScalarWinograd}'s, points
 * 0, 1, -1, 2, -2 and infinity, with what pairs of points share computed once.
 */
final class VectorWinograd4 implements WinogradTransforms {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final ScalarWinograd TAIL = ScalarWinograd.of(4);

    @Override
    public int tile() {
        return 4;
    }

    @Override
    public void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < 6; x++, from += pixel) {
                input(patch, from, row, scratch, x * LANES, 6 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 6; y++, into += 6 * product) {
                input(scratch, y * 6 * LANES, LANES, to, into, product);
            }
        }
        if (end < count) {
            TAIL.input(patch, at + end, row, pixel, to, toAt + end, product, count - end, scratch);
        }
    }

    private static void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        FloatVector d3 = load(from, at + 3 * step);
        FloatVector d4 = load(from, at + 4 * step);
        FloatVector even = d4.sub(d2.mul(4f));
        FloatVector odd = d3.sub(d1.mul(4f));
        FloatVector even2 = d4.sub(d2);
        FloatVector odd2 = d3.sub(d1).mul(2f);
        even2.sub(d2.sub(load(from, at)).mul(4f)).intoArray(to, toAt);
        even.add(odd).intoArray(to, toAt + toStep);
        even.sub(odd).intoArray(to, toAt + 2 * toStep);
        even2.add(odd2).intoArray(to, toAt + 3 * toStep);
        even2.sub(odd2).intoArray(to, toAt + 4 * toStep);
        load(from, at + 5 * step).sub(d3).sub(d3.sub(d1).mul(4f)).intoArray(to, toAt + 5 * toStep);
    }

    @Override
    public void weights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            for (int x = 0, from = at + i; x < 3; x++, from += tap) {
                weights(taps, from, 3 * tap, scratch, x * LANES, 3 * LANES);
            }
            for (int y = 0, into = toAt + i; y < 6; y++, into += 6 * product) {
                weights(scratch, y * 3 * LANES, LANES, to, into, product);
            }
        }
        if (end < count) {
            TAIL.weights(taps, at + end, tap, to, toAt + end, product, count - end, scratch);
        }
    }

    private static void weights(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector g0 = load(from, at);
        FloatVector g1 = load(from, at + step);
        FloatVector g2 = load(from, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(-1 / 6f);
        FloatVector middle = g1.mul(-1 / 6f);
        FloatVector sum2 = g2.mul(4f).add(g0).mul(1 / 24f);
        FloatVector middle2 = g1.mul(1 / 12f);
        g0.mul(0.25f).intoArray(to, toAt);
        sum.add(middle).intoArray(to, toAt + toStep);
        sum.sub(middle).intoArray(to, toAt + 2 * toStep);
        sum2.add(middle2).intoArray(to, toAt + 3 * toStep);
        sum2.sub(middle2).intoArray(to, toAt + 4 * toStep);
        g2.intoArray(to, toAt + 5 * toStep);
    }

    @Override
    public void output(
            float[] sums, int at, int product, float[] to, int toAt, int row, int pixel, int count, float[] scratch) {
        int end = SPECIES.loopBound(count);
        for (int c = 0; c < end; c += LANES) {
            for (int x = 0, from = at + c; x < 6; x++, from += product) {
                output(sums, from, 6 * product, scratch, x * LANES, 6 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 4; y++, into += row) {
                output(scratch, y * 6 * LANES, LANES, to, into, pixel);
            }
        }
        if (end < count) {
            TAIL.output(sums, at + end, product, to, toAt + end, row, pixel, count - end, scratch);
        }
    }

    private static void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector s1 = load(from, at + step);
        FloatVector s2 = load(from, at + 2 * step);
        FloatVector s3 = load(from, at + 3 * step);
        FloatVector s4 = load(from, at + 4 * step);
        FloatVector sum = s1.add(s2);
        FloatVector difference = s1.sub(s2);
        FloatVector sum2 = s3.add(s4);
        FloatVector difference2 = s3.sub(s4);
        load(from, at).add(sum).add(sum2).intoArray(to, toAt);
        difference2.mul(2f).add(difference).intoArray(to, toAt + toStep);
        sum2.mul(4f).add(sum).intoArray(to, toAt + 2 * toStep);
        difference2.mul(8f).add(difference).add(load(from, at + 5 * step)).intoArray(to, toAt + 3 * toStep);
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }
}
