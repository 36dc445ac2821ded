package io.github.lotus4j.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;

/** A tensor in a file. */
final class StoredTensor implements Parameter {
    private final Path file;
    private final String name;
    private final DType dtype;
    private final int[] shape;
    private final long elements;
    private final MemorySegment data;

    StoredTensor(Path file, String name, DType dtype, int[] shape, MemorySegment data) {
        this.file = file;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape.clone();
        this.elements = Shapes.elements(shape);
        this.data = data.asReadOnly();
    }

    /** The same bytes under another name and a shape of as many elements. */
    StoredTensor as(String newName, int[] newShape) {
        return new StoredTensor(file, newName, dtype, newShape, data);
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
    public float[] toFloats() {
        requireConvertible();
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CheckpointException(this + " has " + elements + " elements, more than a Java array holds");
        }
        float[] floats = new float[(int) elements];
        FloatConversion.read(dtype, data, 0, floats, 0, floats.length);
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
        FloatConversion.read(dtype, data, from, to, at, count);
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
