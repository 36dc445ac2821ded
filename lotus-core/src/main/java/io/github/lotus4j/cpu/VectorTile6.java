package io.github.lotus4j.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows × two vectors: with two vectors of columns and a row's factor, as many sums as 16 registers hold. A step takes 20
 * instructions for its 12 products, and what counts steps as much as half a step: so there are four.
 */
final class VectorTile6 {
    /** Of a panel of rows. */
    static final int ROWS = 6;

    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int PANEL = VectorTiles.PANEL;
    private static final VarHandle FLOATS = MethodHandles.arrayElementVarHandle(float[].class);
    private static final int STEPS = 4; // of an iteration; a segment has as many, or a multiple

    private VectorTile6() {}

    /** One panel of rows. Sums are named by row and vector, columns by step and vector, factors by row and step. */
    static void multiply(
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int depth,
            float[] offsets,
            int offsetsAt,
            float[] before,
            int beforeAt,
            int beforeStride,
            float[] c,
            int cAt,
            int cStride) {
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
        int k = 0;
        int row = bAt;
        int end = Math.min(depth, DepthBlocks.LONGEST) & -STEPS;
        for (; k < end; k += STEPS, row += STEPS * PANEL) {
            int at = aAt + k + (ROWS - 1) * (k & -LANES);
            FloatVector b00 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b01 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x00 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at));
            c00 = x00.fma(b00, c00);
            c01 = x00.fma(b01, c01);
            FloatVector x10 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + LANES));
            c10 = x10.fma(b00, c10);
            c11 = x10.fma(b01, c11);
            FloatVector x20 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2 * LANES));
            c20 = x20.fma(b00, c20);
            c21 = x20.fma(b01, c21);
            FloatVector x30 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3 * LANES));
            c30 = x30.fma(b00, c30);
            c31 = x30.fma(b01, c31);
            FloatVector x40 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 4 * LANES));
            c40 = x40.fma(b00, c40);
            c41 = x40.fma(b01, c41);
            FloatVector x50 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 5 * LANES));
            c50 = x50.fma(b00, c50);
            c51 = x50.fma(b01, c51);
            FloatVector b10 = FloatVector.fromArray(SPECIES, b, row + PANEL);
            FloatVector b11 = FloatVector.fromArray(SPECIES, b, row + PANEL + LANES);
            FloatVector x01 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 1));
            c00 = x01.fma(b10, c00);
            c01 = x01.fma(b11, c01);
            FloatVector x11 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + LANES + 1));
            c10 = x11.fma(b10, c10);
            c11 = x11.fma(b11, c11);
            FloatVector x21 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2 * LANES + 1));
            c20 = x21.fma(b10, c20);
            c21 = x21.fma(b11, c21);
            FloatVector x31 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3 * LANES + 1));
            c30 = x31.fma(b10, c30);
            c31 = x31.fma(b11, c31);
            FloatVector x41 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 4 * LANES + 1));
            c40 = x41.fma(b10, c40);
            c41 = x41.fma(b11, c41);
            FloatVector x51 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 5 * LANES + 1));
            c50 = x51.fma(b10, c50);
            c51 = x51.fma(b11, c51);
            FloatVector b20 = FloatVector.fromArray(SPECIES, b, row + 2 * PANEL);
            FloatVector b21 = FloatVector.fromArray(SPECIES, b, row + 2 * PANEL + LANES);
            FloatVector x02 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2));
            c00 = x02.fma(b20, c00);
            c01 = x02.fma(b21, c01);
            FloatVector x12 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + LANES + 2));
            c10 = x12.fma(b20, c10);
            c11 = x12.fma(b21, c11);
            FloatVector x22 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2 * LANES + 2));
            c20 = x22.fma(b20, c20);
            c21 = x22.fma(b21, c21);
            FloatVector x32 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3 * LANES + 2));
            c30 = x32.fma(b20, c30);
            c31 = x32.fma(b21, c31);
            FloatVector x42 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 4 * LANES + 2));
            c40 = x42.fma(b20, c40);
            c41 = x42.fma(b21, c41);
            FloatVector x52 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 5 * LANES + 2));
            c50 = x52.fma(b20, c50);
            c51 = x52.fma(b21, c51);
            FloatVector b30 = FloatVector.fromArray(SPECIES, b, row + 3 * PANEL);
            FloatVector b31 = FloatVector.fromArray(SPECIES, b, row + 3 * PANEL + LANES);
            FloatVector x03 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3));
            c00 = x03.fma(b30, c00);
            c01 = x03.fma(b31, c01);
            FloatVector x13 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + LANES + 3));
            c10 = x13.fma(b30, c10);
            c11 = x13.fma(b31, c11);
            FloatVector x23 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2 * LANES + 3));
            c20 = x23.fma(b30, c20);
            c21 = x23.fma(b31, c21);
            FloatVector x33 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3 * LANES + 3));
            c30 = x33.fma(b30, c30);
            c31 = x33.fma(b31, c31);
            FloatVector x43 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 4 * LANES + 3));
            c40 = x43.fma(b30, c40);
            c41 = x43.fma(b31, c41);
            FloatVector x53 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 5 * LANES + 3));
            c50 = x53.fma(b30, c50);
            c51 = x53.fma(b31, c51);
        }
        for (; k < depth; k++, row += PANEL) {
            int at = aAt + k + (ROWS - 1) * (k & -LANES);
            FloatVector b00 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector b01 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x00 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at));
            c00 = x00.fma(b00, c00);
            c01 = x00.fma(b01, c01);
            FloatVector x10 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + LANES));
            c10 = x10.fma(b00, c10);
            c11 = x10.fma(b01, c11);
            FloatVector x20 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 2 * LANES));
            c20 = x20.fma(b00, c20);
            c21 = x20.fma(b01, c21);
            FloatVector x30 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 3 * LANES));
            c30 = x30.fma(b00, c30);
            c31 = x30.fma(b01, c31);
            FloatVector x40 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 4 * LANES));
            c40 = x40.fma(b00, c40);
            c41 = x40.fma(b01, c41);
            FloatVector x50 = FloatVector.broadcast(SPECIES, (float) FLOATS.getOpaque(a, at + 5 * LANES));
            c50 = x50.fma(b00, c50);
            c51 = x50.fma(b01, c51);
        }
        FloatVector o0 = FloatVector.fromArray(SPECIES, offsets, offsetsAt);
        FloatVector o1 = FloatVector.fromArray(SPECIES, offsets, offsetsAt + LANES);
        c00.add(o0).add(FloatVector.fromArray(SPECIES, before, beforeAt)).intoArray(c, cAt);
        c01.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + LANES))
                .intoArray(c, cAt + LANES);
        c10.add(o0)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + beforeStride))
                .intoArray(c, cAt + cStride);
        c11.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + beforeStride + LANES))
                .intoArray(c, cAt + cStride + LANES);
        c20.add(o0)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 2 * beforeStride))
                .intoArray(c, cAt + 2 * cStride);
        c21.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 2 * beforeStride + LANES))
                .intoArray(c, cAt + 2 * cStride + LANES);
        c30.add(o0)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 3 * beforeStride))
                .intoArray(c, cAt + 3 * cStride);
        c31.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 3 * beforeStride + LANES))
                .intoArray(c, cAt + 3 * cStride + LANES);
        c40.add(o0)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 4 * beforeStride))
                .intoArray(c, cAt + 4 * cStride);
        c41.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 4 * beforeStride + LANES))
                .intoArray(c, cAt + 4 * cStride + LANES);
        c50.add(o0)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 5 * beforeStride))
                .intoArray(c, cAt + 5 * cStride);
        c51.add(o1)
                .add(FloatVector.fromArray(SPECIES, before, beforeAt + 5 * beforeStride + LANES))
                .intoArray(c, cAt + 5 * cStride + LANES);
    }
}
