package io.github.lotus4j.weights;

import java.lang.foreign.MemorySegment;

/**
 * One named tensor as it is stored. Values are read in place from the mapped file, so a parameter is valid until what it
 * came from is closed. Safe for use by several threads.
 */
public interface Parameter {
    /** The full path, from the component on: {@code unet/down_blocks.0.resnets.0.conv1.weight}. */
    String name();

    /** How the elements are stored. */
    DType dtype();

    /** The shape the caller asked for, outermost dimension first; it may differ from the stored one in trailing ones. */
    int[] shape();

    /** The number of elements, the product of {@link #shape()}. */
    long elements();

    /**
     * The stored bytes: little-endian, row-major, read-only, at any alignment (read with the {@code JAVA_*_UNALIGNED}
     * layouts).
     */
    MemorySegment data();

    /**
     * Copies stored bytes from element {@code from} on, as many as {@code to} holds. Unlike {@link #data()}, the file is read,
     * not mapped: what is copied does not count as this process's memory twice.
     *
     * @throws CheckpointException if the file cannot be read, or has been shortened
     * @throws IllegalArgumentException if there are fewer bytes
     */
    void read(long from, MemorySegment to);

    /**
     * All elements as floats; F64 is rounded to the nearest.
     *
     * @throws CheckpointException if the type is not {@link DType#convertible()}, or there are more elements than a Java
     *     array holds
     */
    float[] toFloats();

    /**
     * Elements {@code from} to {@code from + count}, exclusive, as floats, into {@code to} from index {@code at} on.
     *
     * @throws CheckpointException if the type is not {@link DType#convertible()}
     * @throws IllegalArgumentException if either range does not fit
     */
    void toFloats(long from, float[] to, int at, int count);
}
