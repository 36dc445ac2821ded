package io.github.lotus4j.weights;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The element types of the safetensors format (as of its release 0.8.0), under the format's own names. */
public enum DType {
    BOOL(8),
    /** Two elements a byte: MXFP4's. */
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    /** An exponent without sign or mantissa: the scale of a microscaling block. */
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    /** Complex: two F32, real part first. */
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private static final Map<String, DType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(DType::name, Function.identity()));

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Bits of one element; less than 8, or no power of two, for the sub-byte types. */
    public int bits() {
        return bits;
    }

    /** Whether {@link Parameter#toFloats()} can read it: F32, F16, BF16 and F64. */
    public boolean convertible() {
        return this == F32 || this == F16 || this == BF16 || this == F64;
    }

    /** The type of that name, exactly as the format spells it. */
    public static Optional<DType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
