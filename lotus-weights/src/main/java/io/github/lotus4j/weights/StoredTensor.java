package io.github.lotus4j.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;

/** A tensor in a file. */
final class StoredTensor implements Parameter {
    /** Reads a file at a position, wholly or not at all. */
    @FunctionalInterface
    interface Source {
        void read(long position, MemorySegment to);
    }

    /** Bytes that are read at a time; fewer cost less through the mapping, whose pages stay in memory until it ends. */
    private static final int READ = 1 << 16;

    private final Path file;
    private final String name;
    private final DType dtype;
    private final int[] shape;
    private final long elements;
    private final MemorySegment data;
    private final Source source;
    private final long position;

    /** A tensor in memory that came from {@code file}. */
    StoredTensor(Path file, String name, DType dtype, int[] shape, MemorySegment data) {
        this(file, name, dtype, shape, data, (position, to) -> to.copyFrom(data.asSlice(position, to.byteSize())), 0);
    }

    /** @param position of {@code data} in what {@code source} reads */
    StoredTensor(Path file, String name, DType dtype, int[] shape, MemorySegment data, Source source, long position) {
        this.file = file;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape.clone();
        this.elements = Shapes.elements(shape);
        this.data = data.asReadOnly();
        this.source = source;
        this.position = position;
    }

    /** The same bytes under another name and a shape of as many elements. */
    StoredTensor as(String newName, int[] newShape) {
        return new StoredTensor(file, newName, dtype, newShape, data, source, position);
    }

    Path file() {
        return file;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public long elements() {
        return elements;
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public void read(long from, MemorySegment to) {
        long offset = from * dtype.bits() / 8;
        if (from < 0 || from > elements || to.byteSize() > data.byteSize() - offset) {
            throw new IllegalArgumentException(
                    to.byteSize() + " bytes from element " + from + " on were asked for of " + this);
        }
        source.read(position + offset, to);
    }

    @Override
    public float[] toFloats() {
        requireConvertible();
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CheckpointException(this + " has " + elements + " elements, more than a Java array holds");
        }
        float[] floats = new float[(int) elements];
        toFloats(0, floats, 0, floats.length);
        return floats;
    }

    @Override
    public void toFloats(long from, float[] to, int at, int count) {
        requireConvertible();
        if (from < 0 || count < 0 || from > elements - count) {
            throw new IllegalArgumentException(
                    "elements " + from + " to " + (from + count) + " were asked for of " + this);
        }
        if (at < 0 || at > to.length - count) {
            throw new IllegalArgumentException(
                    count + " elements from index " + at + " on do not fit an array of " + to.length);
        }
        int width = dtype.bits() / 8;
        if ((long) width * count < READ) {
            mapped(from, to, at, count);
            return;
        }
        int most = READ / width;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(READ); // into an array, bytes would come by way of a second buffer
            for (int done = 0; done < count; done += most) {
                int part = Math.min(most, count - done);
                read(from + done, stored.asSlice(0, (long) width * part));
                FloatConversion.read(dtype, stored, 0, to, at + done, part);
            }
        }
    }

    private void mapped(long from, float[] to, int at, int count) {
        try {
            FloatConversion.read(dtype, data, from, to, at, count);
        } catch (InternalError e) {
            throw CheckpointException.shortened(this, e);
        }
    }

    /** Whether type, shape (but for ones at its end) and bytes are equal; reads both, a piece at a time. */
    boolean sameAs(StoredTensor other) {
        long bytes = data.byteSize();
        if (dtype != other.dtype || !Shapes.agree(shape, other.shape) || bytes != other.data.byteSize()) {
            return false;
        }
        MemorySegment mine = MemorySegment.ofArray(new byte[READ]);
        MemorySegment theirs = MemorySegment.ofArray(new byte[READ]);
        for (long at = 0; at < bytes; at += READ) {
            long count = Math.min(READ, bytes - at);
            source.read(position + at, mine.asSlice(0, count));
            other.source.read(other.position + at, theirs.asSlice(0, count));
            if (mine.asSlice(0, count).mismatch(theirs.asSlice(0, count)) >= 0) {
                return false;
            }
        }
        return true;
    }

    private void requireConvertible() {
        if (!dtype.convertible()) {
            throw new CheckpointException(this + " is not stored as floating point that this library computes with;"
                    + " expected F32, F16, BF16 or F64");
        }
    }

    @Override
    public String toString() {
        return "tensor " + name + " (" + dtype + " " + Arrays.toString(shape) + " in " + file + ")";
    }
}
