package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes a safetensors file, a few megabytes at a time however large it is: first declare metadata and tensors, then
 * {@link #write}. Not thread-safe.
 */
public final class SafetensorsWriter {
    /** Gives a tensor's bytes, little-endian and row-major, piece by piece. */
    @FunctionalInterface
    public interface Source {
        /**
         * @param offset of the piece, in bytes from the tensor's beginning; a multiple of 8
         * @param piece to be filled whole; any thread may write to it
         */
        void read(long offset, MemorySegment piece);
    }

    private static final int PIECE = 4 << 20;
    private static final int ALIGNMENT = 8;

    private record Declared(String name, DType dtype, int[] shape, long bytes, Source source) {}

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Declared> tensors = new LinkedHashMap<>();

    /** A file with nothing in it yet. */
    public SafetensorsWriter() {}

    /** A pair for the file's free text. */
    public SafetensorsWriter metadata(String key, String value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        metadata.put(key, value);
        return this;
    }

    /**
     * @throws IllegalArgumentException if the name is taken or reserved, or the elements do not end at a byte's boundary
     */
    public SafetensorsWriter tensor(String name, DType dtype, int[] shape, Source source) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(dtype, "dtype");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(source, "source");
        long bits = Math.multiplyExact(Shapes.elements(shape), (long) dtype.bits());
        if (name.equals(SafetensorsHeader.METADATA_KEY) || tensors.containsKey(name)) {
            throw new IllegalArgumentException("a second tensor " + name + ", or one of a reserved name");
        }
        if (bits % Byte.SIZE != 0) {
            throw new IllegalArgumentException("tensor " + name + " takes " + bits + " bits, no whole number of bytes");
        }
        tensors.put(name, new Declared(name, dtype, shape.clone(), bits / Byte.SIZE, source));
        return this;
    }

    /** A tensor that is read from another file, or from memory, while this one is written. */
    public SafetensorsWriter tensor(String name, Parameter parameter) {
        Objects.requireNonNull(parameter, "parameter");
        return tensor(
                name,
                parameter.dtype(),
                parameter.shape(),
                (offset, piece) -> MemorySegment.copy(parameter.data(), offset, piece, 0, piece.byteSize()));
    }

    /**
     * A tensor of given values, rounded to the nearest, ties to even; they are read while the file is written.
     *
     * @throws IllegalArgumentException if the type is not {@link DType#convertible()}, or shape and values do not fit
     */
    public SafetensorsWriter tensor(String name, DType dtype, int[] shape, float[] values) {
        Objects.requireNonNull(dtype, "dtype");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(values, "values");
        if (!dtype.convertible() || Shapes.elements(shape) != values.length) {
            throw new IllegalArgumentException("tensor " + name + " cannot hold " + values.length + " floats as "
                    + dtype + " of " + Shapes.elements(shape) + " elements");
        }
        int size = dtype.bits() / Byte.SIZE;
        return tensor(
                name,
                dtype,
                shape,
                (offset, piece) -> FloatConversion.write(
                        dtype, values, (int) (offset / size), (int) (piece.byteSize() / size), piece));
    }

    /**
     * Writes everything under a temporary name beside {@code path}, then moves it there in one step, replacing what was
     * there. If anything fails, {@code path} is as it was and the temporary file is gone.
     *
     * @throws CheckpointException if the file cannot be written
     */
    public void write(Path path) {
        Objects.requireNonNull(path, "path");
        Path target = path.toAbsolutePath();
        Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try {
                writeTo(part);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            String reason =
                    e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : String.valueOf(e);
            throw new CheckpointException("cannot write " + path + ": " + reason, e);
        }
    }

    private void writeTo(Path part) throws IOException {
        // larger elements first, so that every tensor lies at a multiple of its element's size
        List<Declared> ordered = tensors.values().stream()
                .sorted(Comparator.comparingInt(
                        (Declared tensor) -> -tensor.dtype().bits()))
                .toList();
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                Arena arena = Arena.ofShared()) {
            writeFully(channel, header(ordered));
            MemorySegment buffer = arena.allocate(PIECE, ALIGNMENT);
            for (Declared tensor : ordered) {
                for (long offset = 0; offset < tensor.bytes(); offset += PIECE) {
                    MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, tensor.bytes() - offset));
                    tensor.source().read(offset, piece);
                    writeFully(channel, piece.asByteBuffer());
                }
            }
            channel.force(true); // or a crash after the move could leave an empty file under the right name
        }
    }

    private ByteBuffer header(List<Declared> ordered) {
        ObjectNode root = Json.object();
        if (!metadata.isEmpty()) {
            ObjectNode text = root.putObject(SafetensorsHeader.METADATA_KEY);
            metadata.forEach(text::put);
        }
        long begin = 0;
        for (Declared tensor : ordered) {
            ObjectNode entry = root.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            for (int dimension : tensor.shape()) {
                shape.add(dimension);
            }
            entry.putArray("data_offsets").add(begin).add(begin + tensor.bytes());
            begin += tensor.bytes();
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        if (padded > SafetensorsHeader.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the header would take " + padded + " bytes, more than the format allows");
        }
        ByteBuffer header =
                ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
