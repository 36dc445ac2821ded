package io.github.lotus4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that comes in pieces, in any order, more than once, and from several processes one after the other. */
class PartFileTest {
    private static final byte[] CONTENT = HubCase.bytes(1000, 5);
    private static final int SEGMENT = 300;

    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("part");
    }

    private PartFile open() throws IOException {
        return PartFile.open(path, CONTENT.length, SEGMENT);
    }

    private static long accept(PartFile part, int from, int to) throws IOException {
        return part.accept(from, ByteBuffer.wrap(Arrays.copyOfRange(CONTENT, from, to)));
    }

    private static byte[] wrong(int count) {
        byte[] wrong = new byte[count];
        Arrays.fill(wrong, (byte) 77);
        return wrong;
    }

    @Test
    void bytesThatAreThereArePassedOver() throws IOException {
        try (PartFile part = open()) {
            assertThat(accept(part, 0, 200)).isEqualTo(200);
            assertThat(part.accept(0, ByteBuffer.wrap(wrong(150)))).isZero();
            assertThat(accept(part, 0, 400)).isEqualTo(200);
            assertThat(part.position(0)).isEqualTo(300);
            assertThat(part.position(1)).isEqualTo(400);
            assertThat(accept(part, 900, 1000)).isEqualTo(100);
            assertThat(accept(part, 0, 1000)).isEqualTo(500);
            part.finish();
        }
        assertThat(path).hasBinaryContent(CONTENT);
    }

    @Test
    void bytesBehindAGapAreNotTaken() throws IOException {
        try (PartFile part = open()) {
            assertThat(part.accept(10, ByteBuffer.wrap(wrong(50)))).isZero();
            assertThat(part.received()).isZero();
            assertThat(accept(part, 250, 350)).isEqualTo(50); // the next segment has none before it
        }
    }

    @Test
    void moreThanTheFileHasIsRefused() throws IOException {
        try (PartFile part = open()) {
            assertThatThrownBy(() -> part.accept(999, ByteBuffer.allocate(2)))
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("1000");
        }
    }

    /** Random pieces, each by another process. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anotherProcessGoesOn(long seed) throws IOException {
        Random random = new Random(seed);
        long received = 0;
        while (received < CONTENT.length) {
            assertThat(PartFile.received(path, CONTENT.length, SEGMENT)).isEqualTo(received);
            try (PartFile part = open()) {
                int segment = random.nextInt(part.segments());
                int from = (int) part.position(segment);
                received += accept(part, from, Math.min((int) part.end(segment), from + random.nextInt(150)));
            }
        }
        try (PartFile part = open()) {
            part.finish();
        }
        assertThat(path).hasBinaryContent(CONTENT);
    }

    @Test
    void whatDoesNotFitIsBegunAnew() throws IOException {
        try (PartFile part = open()) {
            accept(part, 0, 700);
        }
        assertThat(PartFile.received(path, CONTENT.length, 301)).isZero();
        assertThat(PartFile.received(path, CONTENT.length + 1, SEGMENT)).isZero();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), CONTENT.length); // the first byte of what stands behind
        }
        assertThat(PartFile.received(path, CONTENT.length, SEGMENT)).isZero();
        Files.write(path, new byte[17]);
        try (PartFile part = open()) {
            assertThat(part.received()).isZero();
            accept(part, 0, 1000);
            part.finish();
        }
        assertThat(path).hasBinaryContent(CONTENT);
    }

    @Test
    void positionsOutsideOfTheirSegmentsAreNotBelieved() throws IOException {
        open().close();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8).putLong(0, Long.MAX_VALUE), CONTENT.length + 16);
            channel.write(ByteBuffer.allocate(8).putLong(0, -5), CONTENT.length + 24);
        }
        try (PartFile part = open()) {
            assertThat(part.position(0)).isEqualTo(300);
            assertThat(part.position(1)).isEqualTo(300);
        }
    }

    @Test
    void anEmptyFileIsComplete() throws IOException {
        try (PartFile part = PartFile.open(path, 0, SEGMENT)) {
            assertThat(part.segments()).isZero();
            part.finish();
        }
        assertThat(path).isEmptyFile();
    }
}
