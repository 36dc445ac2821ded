package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final int[] SHAPE = {2, 2};
    private static final float[] VALUES = {1, -2, 0.5f, 65504};

    @TempDir
    Path folder;

    @Test
    void writesWhatCanBeReadBack() {
        Path path = folder.resolve("a.safetensors");
        new SafetensorsWriter()
                .metadata("k", "grüße \"x\"\n")
                .tensor("half", DType.F16, SHAPE, VALUES)
                .tensor("odd", DType.U8, new int[] {3}, (offset, piece) -> piece.fill((byte) 9))
                .tensor("double", DType.F64, SHAPE, VALUES)
                .tensor("float", DType.F32, SHAPE, VALUES)
                .tensor("copy", ArrayParameter.of("x", DType.F16, VALUES, SHAPE))
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).isEqualTo(Map.of("k", "grüße \"x\"\n"));
            assertThat(file.tensors().stream().map(Parameter::name))
                    .containsExactly("double", "float", "half", "copy", "odd");
            for (String name : new String[] {"half", "double", "float", "copy"}) {
                assertThat(file.tensor(name).toFloats()).as(name).isEqualTo(VALUES);
                assertThat(file.tensor(name).data().address()
                                % (file.tensor(name).dtype().bits() / 8))
                        .isZero();
            }
            assertThat(file.tensor("odd").data().toArray(ValueLayout.JAVA_BYTE)).containsOnly(9);
        }
    }

    @Test
    void piecesOfALargeTensorFollowEachOther() {
        Path path = folder.resolve("large.safetensors");
        int count = (9 << 20) / 4 + 3;
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        new SafetensorsWriter()
                .tensor("t", DType.F32, new int[] {count}, values)
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensor("t").toFloats()).isEqualTo(values);
        }
    }

    /** An interrupted thread's read closes the file's channel, whoever else reads through it. */
    @Test
    @Fault(
            value = "a thread that reads weights is interrupted",
            by = "an interrupted thread",
            then = "it reads on, and the file stays open")
    void readersThatAreInterruptedDisturbNobody() {
        Path path = folder.resolve("large.safetensors");
        float[] values = new float[1 << 17];
        values[values.length - 1] = 7;
        new SafetensorsWriter()
                .tensor("t", DType.F32, new int[] {values.length}, values)
                .write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Thread.currentThread().interrupt();
            assertThat(file.tensor("t").toFloats()).isEqualTo(values);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.tensor("t").toFloats()).isEqualTo(values);
        }
    }

    @Test
    @Fault(
            value = "writing weights fails",
            by = "values that cannot be had",
            then = "the error; the older file as it was, nothing half-written")
    void failureLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("a.safetensors"), "old");
        SafetensorsWriter writer = new SafetensorsWriter()
                .tensor("good", DType.F32, SHAPE, VALUES)
                .tensor("bad", DType.U8, new int[] {1}, (offset, piece) -> {
                    throw new IllegalStateException("no more");
                });
        assertThatThrownBy(() -> writer.write(path)).hasMessage("no more");
        assertThat(path).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void folderThatDoesNotExistIsNamed() {
        Path path = folder.resolve("none").resolve("a.safetensors");
        assertThatThrownBy(() -> new SafetensorsWriter().write(path))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("cannot write " + path);
    }

    @Test
    void nonsenseIsRefusedWhenDeclared() {
        SafetensorsWriter writer = new SafetensorsWriter().tensor("a", DType.F32, SHAPE, VALUES);
        assertThatThrownBy(() -> writer.tensor("a", DType.F32, SHAPE, VALUES)).hasMessageContaining("a");
        assertThatThrownBy(() -> writer.tensor("__metadata__", DType.F32, SHAPE, VALUES))
                .hasMessageContaining("reserved");
        assertThatThrownBy(() -> writer.tensor("b", DType.F32, new int[] {3}, VALUES))
                .hasMessageContaining("3 elements");
        assertThatThrownBy(() -> writer.tensor("b", DType.I8, SHAPE, VALUES)).hasMessageContaining("I8");
        assertThatThrownBy(() -> writer.tensor("b", DType.F4, new int[] {3}, (offset, piece) -> {}))
                .hasMessageContaining("12 bits");
    }
}
