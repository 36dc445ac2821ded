package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix micro-kernels: rows × two vectors of sums in registers, written out since the compiler keeps only named locals
 * there. Eight sums are what hides an FMA's latency of four cycles, two of which begin in one. Five rows would fill the 16
 * registers of AVX2, but the compiler reads all rows' factors before it uses the first, and then spills a sum. The loop counts
 * places in {@code a}, of which the other rows are a constant away: with a counter from zero, addresses would not fit the
 * registers. Each call sums from zero: sums of sums round less.
 */
final class VectorTiles {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    /** Columns of a panel: two vectors, so that a block of weights lies in one piece. */
    static final int PANEL = 2 * LANES;

    private static final boolean WIDE = LANES >= 16; // 32 registers, and half as many instructions for as many sums

    private VectorTiles() {}

    /** As {@link Kernels#multiply}. */
    static void multiply(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int depth,
            float[] c,
            int cAt,
            int cStride,
            int rows,
            boolean accumulate) {
        int row = 0;
        int from = aAt;
        int to = cAt;
        for (; WIDE && row + 8 <= rows; row += 8, from += 8 * aStride, to += 8 * cStride) {
            rows8(a, from, aStride, b, bAt, depth, c, to, cStride, accumulate);
        }
        for (; row + 4 <= rows; row += 4, from += 4 * aStride, to += 4 * cStride) {
            rows4(a, from, aStride, b, bAt, depth, c, to, cStride, accumulate);
        }
        for (; row < rows; row++, from += aStride, to += cStride) {
            rows1(a, from, b, bAt, depth, c, to, accumulate);
        }
    }

    private static void rows8(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int depth,
            float[] c,
            int cAt,
            int cStride,
            boolean accumulate) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c41 = FloatVector.zero(SPECIES);
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c51 = FloatVector.zero(SPECIES);
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c61 = FloatVector.zero(SPECIES);
        FloatVector c70 = FloatVector.zero(SPECIES);
        FloatVector c71 = FloatVector.zero(SPECIES);
        int end = aAt + depth;
        for (int k = aAt, row = bAt; k < end; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[k + aStride]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[k + 2 * aStride]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[k + 3 * aStride]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[k + 4 * aStride]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[k + 5 * aStride]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[k + 6 * aStride]);
            c60 = x6.fma(b0, c60);
            c61 = x6.fma(b1, c61);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[k + 7 * aStride]);
            c70 = x7.fma(b0, c70);
            c71 = x7.fma(b1, c71);
        }
        if (accumulate) {
            add(c00, c, cAt);
            add(c01, c, cAt + LANES);
            add(c10, c, cAt + cStride);
            add(c11, c, cAt + cStride + LANES);
            add(c20, c, cAt + 2 * cStride);
            add(c21, c, cAt + 2 * cStride + LANES);
            add(c30, c, cAt + 3 * cStride);
            add(c31, c, cAt + 3 * cStride + LANES);
            add(c40, c, cAt + 4 * cStride);
            add(c41, c, cAt + 4 * cStride + LANES);
            add(c50, c, cAt + 5 * cStride);
            add(c51, c, cAt + 5 * cStride + LANES);
            add(c60, c, cAt + 6 * cStride);
            add(c61, c, cAt + 6 * cStride + LANES);
            add(c70, c, cAt + 7 * cStride);
            add(c71, c, cAt + 7 * cStride + LANES);
        } else {
            c00.intoArray(c, cAt);
            c01.intoArray(c, cAt + LANES);
            c10.intoArray(c, cAt + cStride);
            c11.intoArray(c, cAt + cStride + LANES);
            c20.intoArray(c, cAt + 2 * cStride);
            c21.intoArray(c, cAt + 2 * cStride + LANES);
            c30.intoArray(c, cAt + 3 * cStride);
            c31.intoArray(c, cAt + 3 * cStride + LANES);
            c40.intoArray(c, cAt + 4 * cStride);
            c41.intoArray(c, cAt + 4 * cStride + LANES);
            c50.intoArray(c, cAt + 5 * cStride);
            c51.intoArray(c, cAt + 5 * cStride + LANES);
            c60.intoArray(c, cAt + 6 * cStride);
            c61.intoArray(c, cAt + 6 * cStride + LANES);
            c70.intoArray(c, cAt + 7 * cStride);
            c71.intoArray(c, cAt + 7 * cStride + LANES);
        }
    }

    private static void rows4(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int depth,
            float[] c,
            int cAt,
            int cStride,
            boolean accumulate) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        int end = aAt + depth;
        for (int k = aAt, row = bAt; k < end; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[k + aStride]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[k + 2 * aStride]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[k + 3 * aStride]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
        }
        if (accumulate) {
            add(c00, c, cAt);
            add(c01, c, cAt + LANES);
            add(c10, c, cAt + cStride);
            add(c11, c, cAt + cStride + LANES);
            add(c20, c, cAt + 2 * cStride);
            add(c21, c, cAt + 2 * cStride + LANES);
            add(c30, c, cAt + 3 * cStride);
            add(c31, c, cAt + 3 * cStride + LANES);
        } else {
            c00.intoArray(c, cAt);
            c01.intoArray(c, cAt + LANES);
            c10.intoArray(c, cAt + cStride);
            c11.intoArray(c, cAt + cStride + LANES);
            c20.intoArray(c, cAt + 2 * cStride);
            c21.intoArray(c, cAt + 2 * cStride + LANES);
            c30.intoArray(c, cAt + 3 * cStride);
            c31.intoArray(c, cAt + 3 * cStride + LANES);
        }
    }

    private static void rows1(
            float[] a, int aAt, float[] b, int bAt, int depth, float[] c, int cAt, boolean accumulate) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        int end = aAt + depth;
        for (int k = aAt, row = bAt; k < end; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
        }
        if (accumulate) {
            add(c00, c, cAt);
            add(c01, c, cAt + LANES);
        } else {
            c00.intoArray(c, cAt);
            c01.intoArray(c, cAt + LANES);
        }
    }

    private static void add(FloatVector sum, float[] c, int at) {
        sum.add(FloatVector.fromArray(SPECIES, c, at)).intoArray(c, at);
    }
}
