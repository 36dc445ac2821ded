package io.github.lotus4j.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A parameter made of given values, stored in a given type. */
public final class ArrayParameter {
    private ArrayParameter() {}

    /** Values are rounded to {@code dtype}, one of F32, F16, BF16. */
    public static Parameter of(String name, DType dtype, float[] values, int... shape) {
        MemorySegment data = Arena.ofAuto().allocate((long) values.length * dtype.bits() / 8, 8);
        for (int i = 0; i < values.length; i++) {
            switch (dtype) {
                case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i]);
                case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(values[i]));
                case BF16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, i, brain(values[i]));
                default -> throw new IllegalArgumentException("no " + dtype);
            }
        }
        return new StoredTensor(java.nio.file.Path.of("values"), name, dtype, shape, data);
    }

    /** Rounded to the nearest bfloat16, ties to even. */
    static short brain(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
