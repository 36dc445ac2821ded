package io.github.lotus4j.cpu;

import io.github.lotus4j.weights.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the packed weights of one checkpoint are kept between processes, and what tells that they are still the checkpoint's. What
 * goes wrong is logged: weights can be packed anew.
 */
final class PackedWeightsCache {
    private static final Logger LOG = LoggerFactory.getLogger(PackedWeightsCache.class);

    /** Bytes: each begins on a cache line. */
    static final int ALIGNMENT = 64;

    private static final int NAME_BYTES = 8;

    /** What a file has a part for. */
    interface Packed {
        /** What the bytes are, in words that change when they do. */
        String layout();

        long bytes();

        /** Takes the bytes from where they are, instead of making them. */
        void place(MemorySegment packed);

        void writeTo(PackedFileWriter writer) throws IOException;
    }

    private final Path directory;
    private final String name;
    private final Path file;
    private final byte[] key;
    private final List<Packed> parts;
    private final long bytes;

    /**
     * @param kernels what computes with the weights
     * @param parts in the order of their declaration
     * @throws io.github.lotus4j.weights.CheckpointException if the checkpoint's files cannot be read
     */
    PackedWeightsCache(Path directory, Checkpoint checkpoint, Kernels kernels, List<Packed> parts) {
        this.parts = parts;
        bytes = parts.stream().mapToLong(part -> aligned(part.bytes())).sum();
        StringBuilder layout = new StringBuilder();
        layout.append(kernels.description()).append(", panels of ").append(kernels.panelWidth());
        layout.append(", ").append(ByteOrder.nativeOrder()).append('\n');
        parts.forEach(part -> layout.append(part.layout()).append('\n'));
        byte[] place = digest(checkpoint.path().toAbsolutePath().normalize() + "\n" + layout);
        this.directory = directory;
        name = checkpoint.name() + "-" + HexFormat.of().formatHex(place, 0, NAME_BYTES) + ".packed";
        file = directory.resolve(name);
        key = digest(checkpoint.fingerprint() + "\n" + layout);
    }

    private static byte[] digest(String of) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(of.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static long aligned(long count) {
        return Math.ceilDiv(count, ALIGNMENT) * ALIGNMENT;
    }

    /** Places all parts, or none and returns false, where there is no such file or it does not fit. */
    boolean restore(Arena arena, WorkerTeam team) {
        try {
            MemorySegment all = PackedFile.map(file, key, bytes, arena, team);
            long at = 0;
            for (Packed part : parts) {
                part.place(all.asSlice(at, part.bytes()));
                at += aligned(part.bytes());
            }
            return true;
        } catch (NoSuchFileException e) {
            LOG.debug("packed weights: {} does not exist yet", file);
        } catch (PackedFile.Unusable e) {
            LOG.warn("packed weights: {} is not used and will be replaced: {}", file, e.getMessage());
        } catch (IOException e) {
            LOG.warn("packed weights: {} is not used, it cannot be read: {}", file, e.toString());
        }
        return false;
    }

    /** Writes what was packed, for the next process. */
    void save() {
        try {
            PackedFileWriter.write(directory, name, key, bytes, writer -> {
                for (Packed part : parts) {
                    part.writeTo(writer);
                    writer.align(ALIGNMENT);
                }
            });
            LOG.info("packed weights: {} was written, {} MB", file, Files.size(file) / 1_000_000);
        } catch (IOException e) {
            LOG.warn("packed weights: {} cannot be written: {}", file, e.toString());
        }
    }
}
