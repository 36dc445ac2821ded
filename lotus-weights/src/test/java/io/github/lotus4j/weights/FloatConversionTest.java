package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatConversionTest {
    private static final int HALVES = 1 << 16;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Test
    void everyHalfIsItsTextbookValue() {
        float[] floats = allHalves(DType.F16).toFloats();
        for (int bits = 0; bits < HALVES; bits++) {
            int exponent = bits >> 10 & 31;
            int mantissa = bits & 1023;
            double magnitude = exponent == 31
                    ? mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                    : exponent == 0 ? mantissa * 0x1p-24 : (1024 + mantissa) * Math.pow(2, exponent - 25);
            float expected = (float) (bits >> 15 == 0 ? magnitude : -magnitude);
            assertThat(floats[bits]).as("half %04x", bits).isEqualTo(Float.valueOf(expected));
        }
    }

    @Test
    void everyBrainFloatIsTheUpperHalfOfAFloat() {
        float[] floats = allHalves(DType.BF16).toFloats();
        for (int bits = 0; bits < HALVES; bits++) {
            assertThat(floats[bits]).as("bf16 %04x", bits).isEqualTo(Float.valueOf(Float.intBitsToFloat(bits << 16)));
        }
    }

    @Test
    void everyHalfSurvivesReadingAndWriting() {
        for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
            Parameter halves = allHalves(dtype);
            float[] floats = halves.toFloats();
            MemorySegment back = MemorySegment.ofArray(new byte[2 * HALVES]);
            FloatConversion.write(dtype, floats, 0, HALVES, back);
            for (int i = 0; i < HALVES; i++) {
                if (!Float.isNaN(floats[i])) {
                    assertThat(back.get(I16, 2L * i)).as("%s %04x", dtype, i).isEqualTo((short) i);
                }
            }
        }
    }

    @Test
    void writingRoundsToTheNearestAndTiesToEven() {
        assertThat(rounded(DType.BF16, 1 + 0x1p-8f)).isEqualTo(1);
        assertThat(rounded(DType.BF16, 1 + 3 * 0x1p-8f)).isEqualTo(1 + 0x1p-6f);
        assertThat(rounded(DType.BF16, Math.nextUp(1 + 0x1p-8f))).isEqualTo(1 + 0x1p-7f);
        assertThat(rounded(DType.F16, 1 + 0x1p-11f)).isEqualTo(1);
        assertThat(rounded(DType.F16, 1 + 3 * 0x1p-11f)).isEqualTo(1 + 0x1p-9f);
        assertThat(rounded(DType.BF16, Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(rounded(DType.BF16, Float.intBitsToFloat(0x7f800001))).isNaN();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"})
    void rangesAtAnyAlignmentLeaveTheRestAlone(DType dtype) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        float[] values = new float[5000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextInt(255) - 127) / 16f; // exact in every type
        }
        int size = dtype.bits() / 8;
        MemorySegment odd =
                MemorySegment.ofArray(new byte[values.length * size + 3]).asSlice(3);
        FloatConversion.write(dtype, values, 0, values.length, odd);
        Parameter tensor = new StoredTensor(Path.of("test"), "t", dtype, new int[] {values.length}, odd);
        assertThat(tensor.toFloats()).isEqualTo(values);
        for (int count : new int[] {0, 1, 7, 2047, 2048, 2049, 4097}) {
            int from = random.nextInt(values.length - count + 1);
            float[] to = new float[count + 2];
            Arrays.fill(to, Float.NaN);
            tensor.toFloats(from, to, 1, count);
            assertThat(Arrays.copyOfRange(to, 1, count + 1))
                    .as("seed " + seed)
                    .isEqualTo(Arrays.copyOfRange(values, from, from + count));
            assertThat(new float[] {to[0], to[count + 1]}).containsOnly(Float.NaN);
        }
    }

    @Test
    void rangesThatDoNotFitAreNamed() {
        Parameter tensor = ArrayParameter.of("unet/x", DType.F32, new float[4], 4);
        for (long from : new long[] {-1, 2, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> tensor.toFloats(from, new float[9], 0, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("unet/x", "[4]");
        }
        for (int at : new int[] {-1, 2, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> tensor.toFloats(0, new float[4], at, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("array of 4");
        }
    }

    private static float rounded(DType dtype, float value) {
        MemorySegment stored = MemorySegment.ofArray(new byte[2]);
        FloatConversion.write(dtype, new float[] {value}, 0, 1, stored);
        return new StoredTensor(Path.of("test"), "t", dtype, new int[] {1}, stored).toFloats()[0];
    }

    private static Parameter allHalves(DType dtype) {
        MemorySegment data = MemorySegment.ofArray(new byte[2 * HALVES]);
        for (int i = 0; i < HALVES; i++) {
            data.set(I16, 2L * i, (short) i);
        }
        return new StoredTensor(Path.of("test"), "halves", dtype, new int[] {HALVES}, data);
    }
}
