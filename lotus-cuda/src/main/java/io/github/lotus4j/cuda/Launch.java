package io.github.lotus4j.cuda;

/** How many threads run a kernel, and the shared memory of a block beside the kernel's own. */
record Launch(int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes) {
    private static final int THREADS = 256;
    private static final int MOST_BLOCKS = 1 << 16;

    /** A thread an item, or some items each where there are very many. */
    static Launch over(long items) {
        int blocks = Math.clamp(Math.ceilDiv(items, THREADS), 1, MOST_BLOCKS);
        return new Launch(blocks, 1, 1, THREADS, 1, 0);
    }
}
