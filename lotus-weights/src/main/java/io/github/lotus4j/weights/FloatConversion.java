package io.github.lotus4j.weights;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Floats from and to the stored floating-point types, at any alignment. Sixteen-bit elements pass in bulk through a small
 * heap array, because C2 vectorises loops over arrays but not over segments.
 */
final class FloatConversion {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Elements converted at a time: both arrays stay in the first-level cache. */
    private static final int CHUNK = 2048;

    private FloatConversion() {}

    /** Elements {@code from} to {@code from + count} of {@code data}; the ranges are the caller's to check. */
    static void read(DType dtype, MemorySegment data, long from, float[] to, int at, int count) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(data, F32, from * Float.BYTES, to, at, count);
            case F16 -> readHalves(data, from, to, at, count);
            case BF16 -> readBrainFloats(data, from, to, at, count);
            case F64 -> readDoubles(data, from, to, at, count);
            default -> throw new IllegalArgumentException(dtype + " has no conversion to float");
        }
    }

    private static void readHalves(MemorySegment data, long from, float[] to, int at, int count) {
        short[] chunk = new short[Math.min(count, CHUNK)];
        for (int done = 0; done < count; done += CHUNK) {
            int n = Math.min(CHUNK, count - done);
            MemorySegment.copy(data, I16, (from + done) * Short.BYTES, chunk, 0, n);
            int start = at + done;
            for (int i = 0; i < n; i++) {
                to[start + i] = Float.float16ToFloat(chunk[i]);
            }
        }
    }

    /** A BF16 is the upper half of a float; the bits go through an int array, which C2 vectorises, intBitsToFloat not. */
    private static void readBrainFloats(MemorySegment data, long from, float[] to, int at, int count) {
        short[] chunk = new short[Math.min(count, CHUNK)];
        int[] bits = new int[chunk.length];
        MemorySegment source = MemorySegment.ofArray(bits);
        for (int done = 0; done < count; done += CHUNK) {
            int n = Math.min(CHUNK, count - done);
            MemorySegment.copy(data, I16, (from + done) * Short.BYTES, chunk, 0, n);
            for (int i = 0; i < n; i++) {
                bits[i] = chunk[i] << 16;
            }
            MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, to, at + done, n);
        }
    }

    private static void readDoubles(MemorySegment data, long from, float[] to, int at, int count) {
        double[] chunk = new double[Math.min(count, CHUNK)];
        for (int done = 0; done < count; done += CHUNK) {
            int n = Math.min(CHUNK, count - done);
            MemorySegment.copy(data, F64, (from + done) * Double.BYTES, chunk, 0, n);
            for (int i = 0; i < n; i++) {
                to[at + done + i] = (float) chunk[i];
            }
        }
    }

    /** Stores {@code values}, rounded to the nearest (ties to even), from the start of {@code data} on. */
    static void write(DType dtype, float[] values, int from, int count, MemorySegment data) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(values, from, data, F32, 0, count);
            case F16 -> {
                short[] halves = new short[count];
                for (int i = 0; i < count; i++) {
                    halves[i] = Float.floatToFloat16(values[from + i]);
                }
                MemorySegment.copy(halves, 0, data, I16, 0, count);
            }
            case BF16 -> {
                short[] halves = new short[count];
                for (int i = 0; i < count; i++) {
                    halves[i] = brainFloat(values[from + i]);
                }
                MemorySegment.copy(halves, 0, data, I16, 0, count);
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    data.set(F64, (long) i * Double.BYTES, values[from + i]);
                }
            }
            default -> throw new IllegalArgumentException(dtype + " has no conversion from float");
        }
    }

    private static short brainFloat(float value) {
        int bits = Float.floatToIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16); // rounding could carry a NaN into infinity
        }
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }
}
