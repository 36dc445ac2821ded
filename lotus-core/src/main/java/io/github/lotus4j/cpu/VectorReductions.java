package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Many values to few, in the Vector API: what {@link VectorKernels} says of maxima, sums and moments. */
final class VectorReductions {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final VectorShuffle<Float> AHEAD_1 = VectorShuffle.iota(SPECIES, 1, 1, true);
    private static final VectorShuffle<Float> AHEAD_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
    private static final VectorShuffle<Float> AHEAD_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
    private static final VectorShuffle<Float> AHEAD_8 = VectorShuffle.iota(SPECIES, 8, 1, true);
    private static final ScalarKernels TAIL = VectorKernels.TAIL;

    private VectorReductions() {}

    static float max(float[] values, int at, int count) {
        int end = SPECIES.loopBound(count);
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = at; i < at + end; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, values, i);
            max = max.blend(value, value.compare(VectorOperators.GT, max));
        }
        return Math.max(max.reduceLanes(VectorOperators.MAX), TAIL.max(values, at + end, count - end));
    }

    static float sum(float[] values, int at, int count) {
        int end = SPECIES.loopBound(count);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = at; i < at + end; i += LANES) {
            sum = sum.add(FloatVector.fromArray(SPECIES, values, i));
        }
        return sumOfLanes(sum) + TAIL.sum(values, at + end, count - end);
    }

    static float sumOfSquares(float[] values, int at, int count, float origin) {
        int end = SPECIES.loopBound(count);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = at; i < at + end; i += LANES) {
            FloatVector difference = FloatVector.fromArray(SPECIES, values, i).sub(origin);
            sum = difference.fma(difference, sum);
        }
        return sumOfLanes(sum) + TAIL.sumOfSquares(values, at + end, count - end, origin);
    }

    /**
     * In a fixed order, which {@code reduceLanes} does not promise: it rounds differently before and after it is compiled. Each
     * step adds what lies 1, 2, 4, 8 lanes ahead, around the end.
     */
    private static float sumOfLanes(FloatVector vector) {
        FloatVector sum = vector.add(vector.rearrange(AHEAD_1));
        sum = sum.add(sum.rearrange(AHEAD_2));
        if (LANES > 4) {
            sum = sum.add(sum.rearrange(AHEAD_4));
        }
        if (LANES > 8) {
            sum = sum.add(sum.rearrange(AHEAD_8));
        }
        return sum.lane(0);
    }

    static void moments(
            float[] x,
            int at,
            int stride,
            int pixels,
            int channels,
            float[] results,
            int origin,
            int sums,
            int squares) {
        int end = SPECIES.loopBound(channels);
        for (int c = 0; c < end; c += LANES) {
            FloatVector from = FloatVector.fromArray(SPECIES, results, origin + c);
            FloatVector sum = FloatVector.fromArray(SPECIES, results, sums + c);
            FloatVector square = FloatVector.fromArray(SPECIES, results, squares + c);
            for (int p = 0, i = at + c; p < pixels; p++, i += stride) {
                FloatVector difference = FloatVector.fromArray(SPECIES, x, i).sub(from);
                sum = sum.add(difference);
                square = difference.fma(difference, square);
            }
            sum.intoArray(results, sums + c);
            square.intoArray(results, squares + c);
        }
        for (int c = end; c < channels; c++) {
            for (int p = 0, i = at + c; p < pixels; p++, i += stride) {
                float difference = x[i] - results[origin + c];
                results[sums + c] += difference;
                results[squares + c] += difference * difference;
            }
        }
    }
}
