package io.github.lotus4j.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix micro-kernels: rows × two vectors of accumulators in registers, written out since the compiler keeps only named
 * locals there. Eight rows fill the 32 registers of AVX-512, five the 16 of AVX2. Each call sums from zero and adds to memory
 * once: sums of sums round less.
 */
final class VectorTiles {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    /** Columns of a panel: two vectors, so that a block of weights lies in one piece. */
    static final int PANEL = 2 * LANES;

    static final int ROWS = LANES >= 16 ? 8 : 5;

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
        if (!accumulate) { // zeroed in memory: a choice between two vectors would have to live there anyway
            for (int row = 0; row < rows; row++) {
                Arrays.fill(c, cAt + row * cStride, cAt + row * cStride + PANEL, 0f);
            }
        }
        int row = 0;
        while (row < rows) {
            int left = rows - row;
            int from = aAt + row * aStride;
            int to = cAt + row * cStride;
            if (ROWS == 8 && left >= 8) {
                rows8(a, from, aStride, b, bAt, depth, c, to, cStride);
                row += 8;
            } else if (ROWS == 5 && left % 5 == 0) {
                rows5(a, from, aStride, b, bAt, depth, c, to, cStride);
                row += 5;
            } else if (left >= 4) { // also until fives are left: a lone row would take as long as four
                rows4(a, from, aStride, b, bAt, depth, c, to, cStride);
                row += 4;
            } else if (left >= 2) {
                rows2(a, from, aStride, b, bAt, depth, c, to, cStride);
                row += 2;
            } else {
                rows1(a, from, b, bAt, depth, c, to);
                row += 1;
            }
        }
    }

    private static void rows8(
            float[] a, int aAt, int aStride, float[] b, int bAt, int depth, float[] c, int cAt, int cStride) {
        int a0 = aAt;
        int r0 = cAt;
        int a1 = aAt + aStride;
        int r1 = cAt + cStride;
        int a2 = aAt + 2 * aStride;
        int r2 = cAt + 2 * cStride;
        int a3 = aAt + 3 * aStride;
        int r3 = cAt + 3 * cStride;
        int a4 = aAt + 4 * aStride;
        int r4 = cAt + 4 * cStride;
        int a5 = aAt + 5 * aStride;
        int r5 = cAt + 5 * cStride;
        int a6 = aAt + 6 * aStride;
        int r6 = cAt + 6 * cStride;
        int a7 = aAt + 7 * aStride;
        int r7 = cAt + 7 * cStride;
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
        for (int k = 0, row = bAt; k < depth; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
            c60 = x6.fma(b0, c60);
            c61 = x6.fma(b1, c61);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
            c70 = x7.fma(b0, c70);
            c71 = x7.fma(b1, c71);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, r0)).intoArray(c, r0);
        c01.add(FloatVector.fromArray(SPECIES, c, r0 + LANES)).intoArray(c, r0 + LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, r1)).intoArray(c, r1);
        c11.add(FloatVector.fromArray(SPECIES, c, r1 + LANES)).intoArray(c, r1 + LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, r2)).intoArray(c, r2);
        c21.add(FloatVector.fromArray(SPECIES, c, r2 + LANES)).intoArray(c, r2 + LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, r3)).intoArray(c, r3);
        c31.add(FloatVector.fromArray(SPECIES, c, r3 + LANES)).intoArray(c, r3 + LANES);
        c40.add(FloatVector.fromArray(SPECIES, c, r4)).intoArray(c, r4);
        c41.add(FloatVector.fromArray(SPECIES, c, r4 + LANES)).intoArray(c, r4 + LANES);
        c50.add(FloatVector.fromArray(SPECIES, c, r5)).intoArray(c, r5);
        c51.add(FloatVector.fromArray(SPECIES, c, r5 + LANES)).intoArray(c, r5 + LANES);
        c60.add(FloatVector.fromArray(SPECIES, c, r6)).intoArray(c, r6);
        c61.add(FloatVector.fromArray(SPECIES, c, r6 + LANES)).intoArray(c, r6 + LANES);
        c70.add(FloatVector.fromArray(SPECIES, c, r7)).intoArray(c, r7);
        c71.add(FloatVector.fromArray(SPECIES, c, r7 + LANES)).intoArray(c, r7 + LANES);
    }

    private static void rows5(
            float[] a, int aAt, int aStride, float[] b, int bAt, int depth, float[] c, int cAt, int cStride) {
        int a0 = aAt;
        int r0 = cAt;
        int a1 = aAt + aStride;
        int r1 = cAt + cStride;
        int a2 = aAt + 2 * aStride;
        int r2 = cAt + 2 * cStride;
        int a3 = aAt + 3 * aStride;
        int r3 = cAt + 3 * cStride;
        int a4 = aAt + 4 * aStride;
        int r4 = cAt + 4 * cStride;
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
        for (int k = 0, row = bAt; k < depth; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, r0)).intoArray(c, r0);
        c01.add(FloatVector.fromArray(SPECIES, c, r0 + LANES)).intoArray(c, r0 + LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, r1)).intoArray(c, r1);
        c11.add(FloatVector.fromArray(SPECIES, c, r1 + LANES)).intoArray(c, r1 + LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, r2)).intoArray(c, r2);
        c21.add(FloatVector.fromArray(SPECIES, c, r2 + LANES)).intoArray(c, r2 + LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, r3)).intoArray(c, r3);
        c31.add(FloatVector.fromArray(SPECIES, c, r3 + LANES)).intoArray(c, r3 + LANES);
        c40.add(FloatVector.fromArray(SPECIES, c, r4)).intoArray(c, r4);
        c41.add(FloatVector.fromArray(SPECIES, c, r4 + LANES)).intoArray(c, r4 + LANES);
    }

    private static void rows4(
            float[] a, int aAt, int aStride, float[] b, int bAt, int depth, float[] c, int cAt, int cStride) {
        int a0 = aAt;
        int r0 = cAt;
        int a1 = aAt + aStride;
        int r1 = cAt + cStride;
        int a2 = aAt + 2 * aStride;
        int r2 = cAt + 2 * cStride;
        int a3 = aAt + 3 * aStride;
        int r3 = cAt + 3 * cStride;
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        for (int k = 0, row = bAt; k < depth; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, r0)).intoArray(c, r0);
        c01.add(FloatVector.fromArray(SPECIES, c, r0 + LANES)).intoArray(c, r0 + LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, r1)).intoArray(c, r1);
        c11.add(FloatVector.fromArray(SPECIES, c, r1 + LANES)).intoArray(c, r1 + LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, r2)).intoArray(c, r2);
        c21.add(FloatVector.fromArray(SPECIES, c, r2 + LANES)).intoArray(c, r2 + LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, r3)).intoArray(c, r3);
        c31.add(FloatVector.fromArray(SPECIES, c, r3 + LANES)).intoArray(c, r3 + LANES);
    }

    private static void rows2(
            float[] a, int aAt, int aStride, float[] b, int bAt, int depth, float[] c, int cAt, int cStride) {
        int a0 = aAt;
        int r0 = cAt;
        int a1 = aAt + aStride;
        int r1 = cAt + cStride;
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        for (int k = 0, row = bAt; k < depth; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, r0)).intoArray(c, r0);
        c01.add(FloatVector.fromArray(SPECIES, c, r0 + LANES)).intoArray(c, r0 + LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, r1)).intoArray(c, r1);
        c11.add(FloatVector.fromArray(SPECIES, c, r1 + LANES)).intoArray(c, r1 + LANES);
    }

    private static void rows1(float[] a, int aAt, float[] b, int bAt, int depth, float[] c, int cAt) {
        int a0 = aAt;
        int r0 = cAt;
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        for (int k = 0, row = bAt; k < depth; k++, row += PANEL) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, r0)).intoArray(c, r0);
        c01.add(FloatVector.fromArray(SPECIES, c, r0 + LANES)).intoArray(c, r0 + LANES);
    }
}
