package io.github.lotus4j.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What one worker needs to read and turn a panel, kept from panel to panel: fresh arrays would cost more than the packing. */
final class PackingBuffers {
    private final Arena arena;
    private MemorySegment bytes = MemorySegment.NULL;
    private short[][] halves = {{}, {}};
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
    short[][] halves(int stored, int packed) {
        if (halves[0].length < stored || halves[1].length < packed) {
            halves = new short[][] {new short[stored], new short[packed]};
        }
        return halves;
    }

    /** Two arrays: rows as stored, and as packed. */
    float[][] floats(int stored, int packed) {
        if (floats[0].length < stored || floats[1].length < packed) {
            floats = new float[][] {new float[stored], new float[packed]};
        }
        return floats;
    }
}
