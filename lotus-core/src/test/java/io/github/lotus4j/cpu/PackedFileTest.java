package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read, and whatever else lies in its place is refused. */
class PackedFileTest {
    private static final int BYTES = 2 * PackedFile.CHUNK + 12_345;
    private static final int START = (int) PackedFile.start(BYTES);
    private static final byte[] KEY = bytes(PackedFile.KEY, 1);
    private static final byte[] CONTENT = bytes(BYTES, 2);

    @TempDir
    private Path folder;

    private final WorkerTeam team = new WorkerTeam(2);
    private Path file;

    private static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("weights.packed");
        write(CONTENT);
    }

    @AfterEach
    void close() {
        team.close();
    }

    private void write(byte[] content) throws IOException {
        PackedFileWriter.write(folder, "weights.packed", KEY, content.length, writer -> {
            writer.write(MemorySegment.ofArray(content).asSlice(0, 77));
            writer.write(MemorySegment.ofArray(content).asSlice(77));
        });
    }

    private byte[] read(byte[] key, long bytes) throws IOException, PackedFile.Unusable {
        try (Arena arena = Arena.ofShared()) {
            return PackedFile.map(file, key, bytes, arena, team).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).toList();
        }
    }

    /** What lies in the file's place is refused, with a message that says why. */
    private void requireRefused(byte[] changed, String reason) throws IOException {
        Files.delete(file);
        Files.write(file, changed);
        assertThatThrownBy(() -> read(KEY, BYTES))
                .isInstanceOf(PackedFile.Unusable.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        assertThat(read(KEY, BYTES)).isEqualTo(CONTENT);
        assertThat(names()).containsExactly("weights.packed");
        assertThat(Files.size(file)).isEqualTo(START + BYTES);
        byte[] whole = Arrays.copyOf(CONTENT, PackedFile.CHUNK); // ends with a chunk
        write(whole);
        assertThat(read(KEY, whole.length)).isEqualTo(whole);
    }

    @Test
    void othersAreRefused() throws IOException {
        assertThatThrownBy(() -> read(bytes(PackedFile.KEY, 3), BYTES)).hasMessageContaining("another checkpoint");
        assertThatThrownBy(() -> read(KEY, BYTES - 1)).hasMessageContaining("bytes, expected");
        byte[] all = Files.readAllBytes(file);
        byte[] newer = all.clone();
        newer[Long.BYTES]++;
        requireRefused(newer, "version is 2, expected 1");
        requireRefused(new byte[START], "no file of packed weights");
        Files.delete(file);
        assertThatThrownBy(() -> read(KEY, BYTES)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void shortenedOrLengthenedIsRefused() throws IOException {
        byte[] all = Files.readAllBytes(file);
        for (int length : new int[] {0, 5, 51}) {
            requireRefused(Arrays.copyOf(all, length), "has " + length + " bytes, expected a head");
        }
        int[] lengths = {52, 60, START - 1, START, START + 1, START + BYTES / 2, START + BYTES - 1, START + BYTES + 1};
        for (int length : lengths) {
            requireRefused(Arrays.copyOf(all, length), "has " + length + " bytes, expected " + (START + BYTES));
        }
    }

    @Test
    void changedByteIsFoundWhereverItIs() throws IOException {
        byte[] all = Files.readAllBytes(file);
        int headEnd = 52 + Integer.BYTES * 4;
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < headEnd; i++) {
            places.add(i);
        }
        places.addAll(List.of(START, START + PackedFile.CHUNK - 1, START + PackedFile.CHUNK, all.length - 1));
        for (int place : places) {
            byte[] changed = all.clone();
            changed[place] ^= 0x10;
            requireRefused(changed, place < START ? "" : "is damaged between bytes");
        }
    }

    @Test
    @Fault(
            value = "writing the packed-weights cache fails",
            by = "an error in the middle",
            then = "nothing half-written stays")
    void failureLeavesNothingBehind() throws IOException {
        Files.delete(file);
        assertThatThrownBy(() -> PackedFileWriter.write(folder, "weights.packed", KEY, BYTES, writer -> {
                    writer.write(MemorySegment.ofArray(CONTENT).asSlice(0, 1000));
                    throw new IOException("the disk is full");
                }))
                .hasMessage("the disk is full");
        assertThat(names()).isEmpty();
        assertThatThrownBy(() -> PackedFileWriter.write(folder, "weights.packed", KEY, BYTES, writer -> {}))
                .hasMessageContaining("0 bytes of packed weights were written, expected " + BYTES);
        assertThat(names()).isEmpty();
    }

    @Test
    void whatAnEndedProcessLeftIsDeletedAndWhatAnotherWritesIsNot() throws IOException {
        Path abandoned = Files.write(folder.resolve(".weights.packed.1.part"), new byte[10]);
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Files.write(folder.resolve(".weights.packed.2.part"), new byte[10]);
        Path others = Files.write(folder.resolve(".others.packed.1.part"), new byte[10]);
        Files.setLastModifiedTime(others, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        write(CONTENT);
        assertThat(names())
                .containsExactlyInAnyOrder("weights.packed", ".weights.packed.2.part", ".others.packed.1.part");
    }

    /** A reader finds one of the files whole, and what it has mapped stays as it is when another takes its place. */
    @Test
    void writersAndReadersAtTheSameTime() throws Exception {
        byte[] other = bytes(BYTES, 4);
        try (Arena arena = Arena.ofShared();
                ExecutorService several = Executors.newFixedThreadPool(4)) {
            MemorySegment mapped = PackedFile.map(file, KEY, BYTES, arena, team);
            List<Future<?>> tasks = new ArrayList<>();
            for (byte[] content : List.of(CONTENT, other)) {
                tasks.add(several.submit(() -> {
                    for (int i = 0; i < 5; i++) {
                        write(content);
                    }
                    return null;
                }));
                tasks.add(several.submit(() -> {
                    for (int i = 0; i < 5; i++) {
                        byte[] found = read(KEY, BYTES);
                        assertThat(Arrays.equals(found, CONTENT) || Arrays.equals(found, other))
                                .isTrue();
                    }
                    return null;
                }));
            }
            for (Future<?> task : tasks) {
                assertThatCode(task::get).doesNotThrowAnyException();
            }
            assertThat(mapped.asByteBuffer()).isEqualTo(ByteBuffer.wrap(CONTENT));
        }
        assertThat(names()).containsExactly("weights.packed");
    }
}
