package io.github.lotus4j.cpu;

import io.github.lotus4j.error.LotusException;
import jdk.incubator.vector.FloatVector;

/** How many bits the vectors have that {@link VectorKernels} compute with. */
final class VectorWidth {
    private static final String PROPERTY = "lotus.cpu.vectorBits";
    private static final int NARROWEST = 128;
    private static final int WIDEST = 512;

    private VectorWidth() {}

    /** Whether the machine has vectors that are wide enough, or others were asked for. */
    static boolean suffices() {
        return bits() >= NARROWEST;
    }

    /**
     * What the machine prefers, or {@code -Dlotus.cpu.vectorBits} asks for; what is wider than the machine's vectors is right, but
     * very slow.
     *
     * @throws LotusException if that is no width that the kernels are written for
     */
    static int bits() {
        Integer asked = Integer.getInteger(PROPERTY);
        if (asked == null) {
            return Math.min(FloatVector.SPECIES_PREFERRED.vectorBitSize(), WIDEST);
        }
        if (asked != NARROWEST && asked != 256 && asked != WIDEST) {
            throw new LotusException(PROPERTY + ": found " + asked + ", expected 128, 256 or 512");
        }
        return asked;
    }
}
