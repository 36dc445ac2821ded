package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of Winograd's F(4×4, 3×3), lane by lane over channels or weights. In one dimension, with the points
 * 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2016): input {@code Bᵀd}, weights {@code Gg}, output {@code Aᵀm}.
 */
final class VectorWinograd {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    /** Floats of the intermediate result: a tile's rows by six products, or less. */
    static final int SCRATCH = 36 * LANES;

    private VectorWinograd() {}

    /** As {@link Kernels#winogradInput}; count is a multiple of the lanes. */
    static void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        for (int c = 0; c < count; c += LANES) {
            for (int x = 0, from = at + c; x < 6; x++, from += pixel) {
                input(patch, from, row, scratch, x * LANES, 6 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 6; y++, into += 6 * product) {
                input(scratch, y * 6 * LANES, LANES, to, into, product);
            }
        }
    }

    private static void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d0 = load(from, at);
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        FloatVector d3 = load(from, at + 3 * step);
        FloatVector d4 = load(from, at + 4 * step);
        FloatVector d5 = load(from, at + 5 * step);
        FloatVector minus4 = FloatVector.broadcast(SPECIES, -4f);
        FloatVector minus5 = FloatVector.broadcast(SPECIES, -5f);
        FloatVector even = d2.fma(minus4, d4);
        FloatVector odd = d1.fma(minus4, d3);
        FloatVector even2 = d4.sub(d2);
        FloatVector odd2 = d3.sub(d1).mul(2f);
        d2.fma(minus5, d0.mul(4f).add(d4)).intoArray(to, toAt);
        even.add(odd).intoArray(to, toAt + toStep);
        even.sub(odd).intoArray(to, toAt + 2 * toStep);
        even2.add(odd2).intoArray(to, toAt + 3 * toStep);
        even2.sub(odd2).intoArray(to, toAt + 4 * toStep);
        d3.fma(minus5, d1.mul(4f).add(d5)).intoArray(to, toAt + 5 * toStep);
    }

    /** As {@link Kernels#winogradWeights}; count is a multiple of the lanes. */
    static void weights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        for (int i = 0; i < count; i += LANES) {
            for (int x = 0, from = at + i; x < 3; x++, from += tap) {
                weights(taps, from, 3 * tap, scratch, x * LANES, 3 * LANES);
            }
            for (int y = 0, into = toAt + i; y < 6; y++, into += 6 * product) {
                weights(scratch, y * 3 * LANES, LANES, to, into, product);
            }
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

    /** As {@link Kernels#winogradOutput}; count is a multiple of the lanes. */
    static void output(
            float[] products, int at, int product, float[] to, int toAt, int pixel, int count, float[] scratch) {
        for (int c = 0; c < count; c += LANES) {
            for (int x = 0, from = at + c; x < 6; x++, from += product) {
                output(products, from, 6 * product, scratch, x * LANES, 6 * LANES);
            }
            for (int y = 0, into = toAt + c; y < 4; y++, into += 4 * pixel) {
                output(scratch, y * 6 * LANES, LANES, to, into, pixel);
            }
        }
    }

    private static void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector m1 = load(from, at + step);
        FloatVector m2 = load(from, at + 2 * step);
        FloatVector m3 = load(from, at + 3 * step);
        FloatVector m4 = load(from, at + 4 * step);
        FloatVector sum = m1.add(m2);
        FloatVector difference = m1.sub(m2);
        FloatVector sum2 = m3.add(m4);
        FloatVector difference2 = m3.sub(m4);
        load(from, at).add(sum).add(sum2).intoArray(to, toAt);
        difference2.fma(FloatVector.broadcast(SPECIES, 2f), difference).intoArray(to, toAt + toStep);
        sum2.fma(FloatVector.broadcast(SPECIES, 4f), sum).intoArray(to, toAt + 2 * toStep);
        difference2
                .fma(FloatVector.broadcast(SPECIES, 8f), difference)
                .add(load(from, at + 5 * step))
                .intoArray(to, toAt + 3 * toStep);
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }
}
