package io.github.lotus4j.cpu;

/** The depth of a product, cut into equal blocks, of which a panel fits the first-level cache; the last one may be shorter. */
final class DepthBlocks {
    /** Of 16 outputs, 20 KB; it divides the model's widest layers. */
    static final int LONGEST = 320;

    /** Blocks begin at multiples of this, of which slices of channels are made: whole segments of any kernels' rows. */
    static final int UNIT = 64;

    private final int depth;
    private final int length;
    private final int count;

    DepthBlocks(int depth) {
        this.depth = depth;
        int least = Math.ceilDiv(depth, LONGEST);
        length = Math.ceilDiv(Math.ceilDiv(depth, least), UNIT) * UNIT;
        count = Math.ceilDiv(depth, length);
    }

    /** @throws IllegalArgumentException if kernels cannot multiply so deep at a time */
    static void requireBlock(int depth) {
        if (depth > LONGEST) {
            throw new IllegalArgumentException("depth: found " + depth + ", expected at most " + LONGEST);
        }
    }

    int count() {
        return count;
    }

    int longest() {
        return Math.min(length, depth);
    }

    int blockOf(int at) {
        return at / length;
    }

    int begin(int block) {
        return block * length;
    }

    int end(int block) {
        return Math.min(depth, (block + 1) * length);
    }

    int depthOf(int block) {
        return end(block) - begin(block);
    }
}
