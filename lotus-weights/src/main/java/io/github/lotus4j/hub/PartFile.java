package io.github.lotus4j.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is being downloaded, in segments that grow side by side. Behind its bytes stands how far each segment is, written
 * after what it speaks of, so that another process can go on when this one is killed; {@link #finish} cuts that off. Should it be
 * wrong all the same, as after a power failure, the file's hash tells. Thread-safe.
 */
final class PartFile implements AutoCloseable {
    private static final long MAGIC = 0x4c6f747573506172L; // "LotusPar"
    private static final int HEAD = 2; // numbers before the positions: the magic, the segments' size

    private final FileChannel channel;
    private final long size;
    private final long segmentBytes;
    private final long[] positions;

    private PartFile(FileChannel channel, long size, long segmentBytes) {
        this.channel = channel;
        this.size = size;
        this.segmentBytes = segmentBytes;
        positions = new long[(int) Math.ceilDiv(size, segmentBytes)];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i * segmentBytes;
        }
    }

    /** Bytes that an earlier call left; nothing is changed. */
    static long received(Path path, long size, long segmentBytes) throws IOException {
        if (Files.notExists(path)) {
            return 0;
        }
        try (PartFile part = new PartFile(FileChannel.open(path, StandardOpenOption.READ), size, segmentBytes)) {
            return part.restore() ? part.received() : 0;
        }
    }

    /** Goes on with what is there if it fits, else begins anew. */
    static PartFile open(Path path, long size, long segmentBytes) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        boolean complete = false;
        try {
            PartFile part = new PartFile(channel, size, segmentBytes);
            if (!part.restore()) {
                channel.truncate(0);
                part.writeTail();
            }
            complete = true;
            return part;
        } finally {
            if (!complete) {
                channel.close();
            }
        }
    }

    private long tailBytes() {
        return (long) Long.BYTES * (HEAD + positions.length);
    }

    private boolean restore() throws IOException {
        if (channel.size() == size) { // finished, but not yet checked
            for (int i = 0; i < positions.length; i++) {
                positions[i] = end(i);
            }
            return true;
        }
        if (channel.size() != size + tailBytes()) {
            return false;
        }
        ByteBuffer tail = ByteBuffer.allocate((int) tailBytes());
        while (tail.hasRemaining()) {
            if (channel.read(tail, size + tail.position()) < 0) {
                return false;
            }
        }
        tail.flip();
        if (tail.getLong() != MAGIC || tail.getLong() != segmentBytes) {
            return false;
        }
        for (int i = 0; i < positions.length; i++) {
            positions[i] = Math.clamp(tail.getLong(), start(i), end(i));
        }
        return true;
    }

    private void writeTail() throws IOException {
        ByteBuffer tail = ByteBuffer.allocate((int) tailBytes()).putLong(MAGIC).putLong(segmentBytes);
        for (long position : positions) {
            tail.putLong(position);
        }
        write(tail.flip(), size);
    }

    private void write(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += channel.write(bytes, to);
        }
    }

    int segments() {
        return positions.length;
    }

    private long start(int segment) {
        return segment * segmentBytes;
    }

    /** Exclusive. */
    long end(int segment) {
        return Math.min(size, start(segment) + segmentBytes);
    }

    /** Where the segment's next byte belongs. */
    synchronized long position(int segment) {
        return positions[segment];
    }

    /** Bytes that are there. */
    synchronized long received() {
        long received = 0;
        for (int i = 0; i < positions.length; i++) {
            received += positions[i] - start(i);
        }
        return received;
    }

    /**
     * Takes bytes of the file; those that are there already are passed over, and so are those that leave a gap before them.
     *
     * @return how many were new
     * @throws HubException if there are more than the file has
     */
    synchronized long accept(long offset, ByteBuffer bytes) throws IOException {
        if (offset + bytes.remaining() > size) {
            throw new HubException("the server sent more than the " + size + " bytes that the file has");
        }
        long taken = 0;
        long at = offset;
        while (bytes.hasRemaining()) {
            int segment = (int) (at / segmentBytes);
            int count = (int) Math.min(bytes.remaining(), end(segment) - at);
            long skipped = positions[segment] - at;
            if (skipped >= 0 && skipped < count) {
                ByteBuffer fresh = bytes.slice(bytes.position() + (int) skipped, count - (int) skipped);
                taken += fresh.remaining();
                write(fresh, positions[segment]);
                positions[segment] = at + count;
                write(
                        ByteBuffer.allocate(Long.BYTES).putLong(0, at + count),
                        size + (long) Long.BYTES * (HEAD + segment));
            }
            bytes.position(bytes.position() + count);
            at += count;
        }
        return taken;
    }

    /** Leaves the file's bytes alone, on the disk. */
    void finish() throws IOException {
        channel.truncate(size);
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
