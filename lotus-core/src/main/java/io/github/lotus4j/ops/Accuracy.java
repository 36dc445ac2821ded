package io.github.lotus4j.ops;

/** What a backend's answers may differ by from exact arithmetic. */
public enum Accuracy {
    /** The rounding of 32-bit floats in sums as they are written. */
    EXACT,
    /** 32-bit floats, and algorithms that trade some accuracy for speed. */
    FAST,
    /** Values between operators are 16-bit floats of 11 significant bits. */
    HALF,
    /** Values between operators are 16-bit floats of 8 significant bits. */
    BFLOAT
}
