package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts of a tensor. */
class StoredTensorTest {
    @TempDir
    Path folder;

    private SafetensorsFile file(DType dtype, float... values) {
        Path path = folder.resolve("a.safetensors");
        new SafetensorsWriter()
                .tensor("before", DType.F32, new int[] {1}, new float[] {99})
                .tensor("t", dtype, new int[] {values.length}, values)
                .write(path);
        return SafetensorsFile.open(path);
    }

    /** Long enough that parts are read, and read in pieces; small whole numbers are the same in every type. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F64"})
    void partsAreOfThePlaceThatWasAskedFor(DType dtype) {
        float[] values = new float[100_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 251;
        }
        try (SafetensorsFile file = file(dtype, values)) {
            Parameter tensor = file.tensor("t");
            assertThat(tensor.toFloats()).isEqualTo(values);
            int count = values.length - 7;
            for (int from : new int[] {0, 3, 7}) {
                float[] part = new float[count + 2];
                tensor.toFloats(from, part, 1, count);
                float[] expected = new float[count + 2];
                System.arraycopy(values, from, expected, 1, count);
                assertThat(part).isEqualTo(expected);
            }
            float[] few = new float[3];
            tensor.toFloats(5, few, 0, 3);
            assertThat(few).containsExactly(5, 6, 7);
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, 0, 1", "0, 0, 6", "1, 0, 5", "6, 0, 0", "0, 0, -1", "0, -1, 1", "0, 5, 1", "0, 1, 5"})
    void partsThatAreNotThereAreRefused(long from, int at, int count) {
        try (SafetensorsFile file = file(DType.F32, 1, 2, 3, 4, 5)) {
            assertThatThrownBy(() -> file.tensor("t").toFloats(from, new float[5], at, count))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("elements");
        }
    }

    @Test
    void bytesAreReadUpToTheLast() {
        try (SafetensorsFile file = file(DType.F16, 1, 2, 3, 4, 5)) {
            Parameter tensor = file.tensor("t");
            byte[] last = new byte[4];
            tensor.read(3, MemorySegment.ofArray(last));
            assertThat(last).containsExactly(0, 0x44, 0, 0x45); // 4 and 5, as IEEE 754 has them in 16 bits
            tensor.read(5, MemorySegment.ofArray(new byte[0]));
            for (long from : new long[] {-1, 4, 6}) {
                byte[] to = new byte[from == 6 ? 0 : 4];
                assertThatThrownBy(() -> tensor.read(from, MemorySegment.ofArray(to)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll(to.length + " bytes", "element " + from);
            }
        }
    }

    @Test
    void integersAreNoFloats() {
        Path path = folder.resolve("a.safetensors");
        new SafetensorsWriter()
                .tensor("t", DType.I32, new int[] {2}, (offset, piece) -> piece.fill((byte) 1))
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Parameter tensor = file.tensor("t");
            assertThatThrownBy(tensor::toFloats)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("tensor t", "I32", "expected F32, F16, BF16 or F64");
            assertThatThrownBy(() -> tensor.toFloats(0, new float[2], 0, 2)).isInstanceOf(CheckpointException.class);
        }
    }
}
