package io.github.lotus4j.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, mapped into memory whole, whatever its size; only the header is read on opening. The file must not
 * be shortened while it is open. Safe for use by several threads; {@link #close()} invalidates the tensors' data.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Bytes that are read at a time. */
    private static final int READ = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment bytes;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Map<String, String> metadata;
    private final Map<String, StoredTensor> tensors;

    private SafetensorsFile(Path path, FileChannel channel, Arena arena, MemorySegment bytes) {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        this.bytes = bytes;
        SafetensorsHeader header = SafetensorsHeader.parse(path, bytes);
        metadata = header.metadata();
        Map<String, StoredTensor> byName =
                LinkedHashMap.newLinkedHashMap(header.entries().size());
        for (SafetensorsHeader.Entry entry : header.entries()) {
            long position = header.dataOffset() + entry.begin();
            MemorySegment data = bytes.asSlice(position, entry.end() - entry.begin());
            byName.put(
                    entry.name(),
                    new StoredTensor(path, entry.name(), entry.dtype(), entry.shape(), data, this::read, position));
        }
        tensors = Collections.unmodifiableMap(byName);
    }

    /**
     * @throws SafetensorsException if the file breaks the format
     * @throws CheckpointException if it cannot be read
     */
    @SuppressWarnings("MustBeClosedChecker") // the arena is closed with the file
    public static SafetensorsFile open(Path path) {
        Objects.requireNonNull(path, "path");
        CheckpointException.requireFile(path, "a safetensors file");
        Arena arena = Arena.ofShared();
        FileChannel channel = null;
        boolean complete = false;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            SafetensorsFile file = new SafetensorsFile(path, channel, arena, bytes);
            complete = true;
            return file;
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        } finally {
            if (!complete) {
                close(channel, arena);
            }
        }
    }

    private static void close(@Nullable FileChannel channel, Arena arena) {
        try (arena) {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a file that was only read: never seen
        }
    }

    private void read(long position, MemorySegment to) {
        ByteBuffer buffer = to.asByteBuffer();
        int end = buffer.limit();
        try {
            while (buffer.position() < end) {
                buffer.limit(Math.min(end, buffer.position() + READ)); // the channel keeps buffers of that size
                if (channel.read(buffer, position + buffer.position()) < 0) {
                    throw new CheckpointException(path
                            + " ends after %d bytes; it has been shortened since it was opened"
                                    .formatted(channel.size()));
                }
            }
        } catch (ClosedChannelException e) { // a thread was interrupted while it read: that closes it, for all of them
            readMapped(position, to);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    private void readMapped(long position, MemorySegment to) {
        try {
            MemorySegment.copy(bytes, position, to, 0, to.byteSize());
        } catch (InternalError e) {
            throw CheckpointException.shortened(path, e);
        }
    }

    public Path path() {
        return path;
    }

    /** The free text under {@code __metadata__}, in the file's order; empty where there is none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors, in the order of their bytes, under their keys in the file. */
    public List<Parameter> tensors() {
        return List.copyOf(tensors.values());
    }

    /**
     * Reads every value.
     *
     * @return the tensors that hold any that is NaN or infinite, a line each; of many the first few, and how many more
     * @throws CheckpointException if the file cannot be read
     */
    public List<String> nonFiniteTensors() {
        return NonFinite.in(tensors.values(), name -> name);
    }

    /** The tensor of that key. */
    public Optional<Parameter> find(String key) {
        return Optional.ofNullable(tensors.get(key));
    }

    /**
     * The tensor of that key.
     *
     * @throws CheckpointException if there is none
     */
    public Parameter tensor(String key) {
        return find(key).orElseThrow(() -> new CheckpointException(path + " has no tensor " + key));
    }

    List<StoredTensor> stored() {
        return List.copyOf(tensors.values());
    }

    /** Ends the mapping. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            close(channel, arena);
        }
    }
}
