package io.github.lotus4j.cpu;

/**
 * What one worker needs at hand in a run, beside tensors.
 *
 * @param halves to read a block of stored weights to: the compiler vectorises the widening of arrays only
 * @param floats of a transform, between its two steps
 */
record WorkerScratch(short[] halves, float[] floats) {
    /** Weights that are widened at a time. */
    static final int HALVES = 4096;

    WorkerScratch() {
        this(new short[HALVES], new float[WinogradTransforms.SCRATCH]);
    }
}
