package io.github.lotus4j.cpu;

import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix micro-kernels: panels of rows × a panel of two vectors of columns, whose sums are in registers. {@link VectorTile6} is
 * for the 16 registers that AVX2 has, {@link VectorTile8} for the 32 of machines with vectors of 512 bits.
 *
 * <p>They are written out, since the compiler keeps only named locals in registers; several steps of the depth, since what counts
 * them takes its time, too.
 *
 * <p>The compiler would read all factors of an iteration before it uses the first, and then spill sums. It moves no read across an
 * opaque one, which is otherwise a read like others: so factors are read opaquely. It also has to see a loop that it can count, and
 * gives up inlining methods of ours where there is so much of the API's. And the loop has to be known to be short: for collectors
 * that want safepoints in loops, G1 among them, others are strip-mined (LoopStripMiningIter, of which a tenth counts as short), and
 * take 11 % longer.
 *
 * <p>What a product is added to comes last: sums of sums round less, and the compiler copies sums about in the loop when they do not
 * begin with zeros. Where there is nothing, zeros are added, again and again: a branch that was not taken yet is compiled as a trap,
 * and all this is compiled again when it is.
 */
final class VectorTiles {
    private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
    /** Columns of a panel: two vectors, so that a block of weights lies in one piece. */
    static final int PANEL = 2 * SPECIES.length();

    private static final boolean MANY_REGISTERS = SPECIES.vectorBitSize() == 512;
    /** Of a panel of rows. */
    static final int ROWS = MANY_REGISTERS ? VectorTile8.ROWS : VectorTile6.ROWS;

    private VectorTiles() {}

    /** As {@link Kernels#multiply}. */
    static void multiply(
            float[] a,
            int aAt,
            int aStride,
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
            int cStride,
            int rows) {
        DepthBlocks.requireBlock(depth);
        for (int row = 0; row < rows; row += ROWS) {
            int from = aAt + row / ROWS * aStride;
            int added = beforeAt + row * beforeStride;
            int to = cAt + row * cStride;
            if (MANY_REGISTERS) {
                VectorTile8.multiply(
                        a, from, b, bAt, depth, offsets, offsetsAt, before, added, beforeStride, c, to, cStride);
            } else {
                VectorTile6.multiply(
                        a, from, b, bAt, depth, offsets, offsetsAt, before, added, beforeStride, c, to, cStride);
            }
        }
    }
}
