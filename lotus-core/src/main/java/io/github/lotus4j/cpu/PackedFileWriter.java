package io.github.lotus4j.cpu;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Writes a {@link PackedFile} under another name, and moves it when it is whole: of several that write the same at once, each does
 * so undisturbed, and what readers of the older file have mapped stays as it is.
 */
final class PackedFileWriter {
    private static final String ENDING = ".part";
    /** Nobody writes as long: what is older was left behind by a process that was killed. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    /** Gives the weights, in their order. */
    @FunctionalInterface
    interface Content {
        void writeTo(PackedFileWriter writer) throws IOException;
    }

    private final FileChannel channel;
    private final long bytes;
    private final long start;
    private final int[] checksums;
    private final CRC32C checksum = new CRC32C();
    private long written;

    private PackedFileWriter(FileChannel channel, long bytes) {
        this.channel = channel;
        this.bytes = bytes;
        start = PackedFile.start(bytes);
        checksums = new int[PackedFile.chunks(bytes)];
    }

    /** Creates the folder as well, and takes the place of an older file. On failure nothing is left behind. */
    static void write(Path folder, String name, byte[] key, long bytes, Content content) throws IOException {
        Files.createDirectories(folder);
        deleteAbandoned(folder, "." + name);
        Path part = folder.resolve("." + name + "." + UUID.randomUUID() + ENDING);
        try {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                PackedFileWriter writer = new PackedFileWriter(channel, bytes);
                content.writeTo(writer);
                writer.finish(key);
            }
            part.toFile().setReadOnly(); // if the system can: whoever changed it would change what others have mapped
            Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void deleteAbandoned(Path folder, String prefix) throws IOException {
        Instant since = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(
                folder,
                each -> each.getFileName().toString().startsWith(prefix)
                        && each.getFileName().toString().endsWith(ENDING))) {
            for (Path part : parts) {
                if (Files.getLastModifiedTime(part).toInstant().isBefore(since)) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (NoSuchFileException e) {
            // moved in the meantime: it was not abandoned
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** The next of the weights. */
    void write(MemorySegment next) throws IOException {
        ByteBuffer all = next.asByteBuffer();
        while (all.hasRemaining()) {
            int count = (int) Math.min(all.remaining(), PackedFile.CHUNK - written % PackedFile.CHUNK);
            ByteBuffer part = all.slice(all.position(), count);
            checksum.update(part.duplicate());
            while (part.hasRemaining()) {
                written += channel.write(part, start + written);
            }
            all.position(all.position() + count);
            if (written % PackedFile.CHUNK == 0 || written == bytes) {
                checksums[(int) ((written - 1) / PackedFile.CHUNK)] = (int) checksum.getValue();
                checksum.reset();
            }
        }
    }

    /** Zeros up to the next multiple of so many bytes. */
    void align(int to) throws IOException {
        write(MemorySegment.ofArray(new byte[(int) (Math.ceilDiv(written, to) * to - written)]));
    }

    private void finish(byte[] key) throws IOException {
        if (written != bytes) {
            throw new IllegalStateException(written + " bytes of packed weights were written, expected " + bytes);
        }
        ByteBuffer head = PackedFile.head(key, bytes, checksums);
        while (head.hasRemaining()) {
            channel.write(head, head.position());
        }
    }
}
