package io.github.lotus4j.cpu;

/** What one worker needs to read and turn a panel, kept from panel to panel: fresh arrays would cost more than the packing. */
final class PackingBuffers {
    private byte[] bytes = {};
    private short[][] halves = {{}, {}};
    private float[][] floats = {{}, {}};

    byte[] bytes(int count) {
        if (bytes.length < count) {
            bytes = new byte[count];
        }
        return bytes;
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
