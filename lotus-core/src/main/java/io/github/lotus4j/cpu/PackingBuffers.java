package io.github.lotus4j.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What one worker needs to read and turn a panel, kept from panel to panel: fresh arrays would cost more than the packing. */
final class PackingBuffers {
    private final Arena arena;
    private MemorySegment bytes = MemorySegment.NULL;
    private long[][] longs = {{}, {}};
    private float[][] floats = {{}, {}};

    /** @param arena where bytes are read to, outside the heap: into an array they would come by way of a second buffer */
    PackingBuffers(Arena arena) {
        this.arena = arena;
    }

    MemorySegment bytes(long count) {
        if (bytes.byteSize() < count) {
            bytes = arena.allocate(count, 64);
        }
        return bytes.asSlice(0, count);
    }

    /** Two arrays: rows as stored, and as packed. */
    long[][] longs(int stored, int packed) {
        if (longs[0].length < stored || longs[1].length < packed) {
            longs = new long[][] {new long[stored], new long[packed]};
        }
        return longs;
    }

    /** Two arrays: rows as stored, and as packed. */
    float[][] floats(int count) {
        if (floats[0].length < count) {
            floats = new float[][] {new float[count], new float[count]};
        }
        return floats;
    }
}
