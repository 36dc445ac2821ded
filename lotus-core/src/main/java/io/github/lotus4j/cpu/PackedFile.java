package io.github.lotus4j.cpu;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A file of packed weights: a head, then the weights as they lie in memory. The head has a mark, the format's version, the key of
 * what was packed, the number of bytes, a CRC-32C of each {@value #CHUNK} of them and one of itself; it is little-endian.
 *
 * <p>Such a file is written once, whole, and never changed: it may be mapped. Who shortens it while it is in use makes
 * predictions fail with an {@link InternalError}.
 */
final class PackedFile {
    /** Changes with the order of the head or of packed weights, and with what is derived from them. */
    static final int VERSION = 1;

    /** Bytes of weights that have a checksum of their own. */
    static final int CHUNK = 4 << 20;

    /** Bytes read at a time: they stay in cache until they are summed up. */
    private static final int READ = 1 << 17;

    /** Bytes of a key. */
    static final int KEY = 32;

    private static final long MARK = 0x4B_43_41_50_54_4F_4C_0AL;
    private static final int PAGE = 4096;
    private static final int BEFORE_CHECKSUMS = Long.BYTES + Integer.BYTES + KEY + Long.BYTES;

    private PackedFile() {}

    /** Why a file is of no use. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String reason) {
            super(reason);
        }
    }

    static int chunks(long bytes) {
        return (int) Math.ceilDiv(bytes, CHUNK);
    }

    private static int headBytes(long bytes) {
        return BEFORE_CHECKSUMS + Integer.BYTES * (chunks(bytes) + 1);
    }

    /** Where the weights begin: a page's start, since they are mapped. */
    static long start(long bytes) {
        return Math.ceilDiv(headBytes(bytes), PAGE) * (long) PAGE;
    }

    static ByteBuffer head(byte[] key, long bytes, int[] checksums) {
        ByteBuffer head = ByteBuffer.allocateDirect(headBytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(MARK).putInt(VERSION).put(key).putLong(bytes);
        for (int checksum : checksums) {
            head.putInt(checksum);
        }
        return head.putInt(checksum(head.duplicate().flip())).flip();
    }

    static int checksum(ByteBuffer of) {
        CRC32C checksum = new CRC32C();
        checksum.update(of);
        return (int) checksum.getValue();
    }

    /**
     * The weights, mapped for as long as the arena lives, after all of them have been read and checked: what is damaged is never
     * computed with.
     *
     * @throws Unusable if these are others, or damaged
     * @throws IOException if there is no such file, or it cannot be read
     */
    static MemorySegment map(Path file, byte[] key, long bytes, Arena arena, WorkerTeam team)
            throws IOException, Unusable {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int[] checksums = checksums(channel, key, bytes);
            verify(channel, bytes, checksums, team);
            return channel.map(FileChannel.MapMode.READ_ONLY, start(bytes), bytes, arena);
        }
    }

    private static int[] checksums(FileChannel channel, byte[] key, long bytes) throws IOException, Unusable {
        ByteBuffer head = ByteBuffer.allocateDirect(headBytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        int length = BEFORE_CHECKSUMS;
        if (channel.size() < length) {
            throw new Unusable("it has " + channel.size() + " bytes, expected a head of at least " + length);
        }
        readFully(channel, head.limit(length), 0);
        head.flip();
        if (head.getLong() != MARK) {
            throw new Unusable("it is no file of packed weights");
        }
        int version = head.getInt();
        if (version != VERSION) {
            throw new Unusable("its format's version is " + version + ", expected " + VERSION);
        }
        byte[] found = new byte[KEY];
        head.get(found);
        if (!Arrays.equals(found, key)) {
            throw new Unusable("it was made from another checkpoint, or the checkpoint has changed since");
        }
        long size = start(bytes) + bytes;
        if (head.getLong() != bytes || channel.size() != size) {
            throw new Unusable("it has " + channel.size() + " bytes, expected " + size);
        }
        head.clear();
        readFully(channel, head, 0);
        int end = head.limit() - Integer.BYTES;
        if (checksum(head.duplicate().flip().limit(end)) != head.getInt(end)) {
            throw new Unusable("its head is damaged");
        }
        int[] checksums = new int[chunks(bytes)];
        head.position(BEFORE_CHECKSUMS);
        head.slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(checksums);
        return checksums;
    }

    /** By reading, which tells what a disk cannot give; a page that is not there would end the process in the checksum's code. */
    private static void verify(FileChannel channel, long bytes, int[] checksums, WorkerTeam team)
            throws IOException, Unusable {
        ByteBuffer[] buffers = new ByteBuffer[team.threads()];
        IOException[] unread = new IOException[checksums.length];
        boolean[] damaged = new boolean[checksums.length];
        team.run(checksums.length, () -> false, (chunk, worker) -> {
            long from = (long) chunk * CHUNK;
            if (buffers[worker] == null) {
                buffers[worker] = ByteBuffer.allocateDirect(READ);
            }
            try {
                int found = checksum(channel, start(bytes) + from, Math.min(CHUNK, bytes - from), buffers[worker]);
                damaged[chunk] = found != checksums[chunk];
            } catch (IOException e) {
                unread[chunk] = e;
            }
        });
        for (int chunk = 0; chunk < checksums.length; chunk++) {
            if (unread[chunk] != null) {
                throw unread[chunk];
            }
            if (damaged[chunk]) {
                throw new Unusable("it is damaged between bytes %,d and %,d"
                        .formatted(
                                start(bytes) + (long) chunk * CHUNK,
                                start(bytes) + Math.min(bytes, (chunk + 1L) * CHUNK)));
            }
        }
    }

    private static int checksum(FileChannel channel, long from, long count, ByteBuffer buffer) throws IOException {
        CRC32C checksum = new CRC32C();
        for (long done = 0; done < count; done += READ) {
            readFully(channel, buffer.clear().limit((int) Math.min(READ, count - done)), from + done);
            checksum.update(buffer.flip());
        }
        return (int) checksum.getValue();
    }

    private static void readFully(FileChannel channel, ByteBuffer to, long position) throws IOException {
        long at = position - to.position();
        while (to.hasRemaining()) {
            if (channel.read(to, at + to.position()) < 0) {
                throw new EOFException("it ends after " + channel.size() + " bytes");
            }
        }
    }
}
