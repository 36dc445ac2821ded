package io.github.lotus4j.cpu;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one run: a stack over one large array, or a few where the need was not known before. It is kept between runs, so
 * that a second run of a size allocates nothing.
 */
final class StackMemory {
    private static final int SMALLEST_SLAB = 1 << 18;
    private static final int LARGEST_GROWTH = 1 << 25;
    private static final int LARGEST_TENSOR = Integer.MAX_VALUE - 63;
    /** Tensors begin at multiples of a cache line. */
    private static final int ALIGNMENT = 16;

    private static final float[] NOTHING = new float[0];

    private final boolean measuring;
    private final List<float[]> slabs = new ArrayList<>();
    private int slab;
    private int position;
    private long inUse;
    private long peak;

    private StackMemory(boolean measuring) {
        this.measuring = measuring;
    }

    /** Only adds up. */
    static StackMemory measuring() {
        return new StackMemory(true);
    }

    /** With {@code bytes} in hand, in one piece where an array can be that long. */
    static StackMemory of(long bytes) {
        StackMemory memory = new StackMemory(false);
        for (long left = bytes / Float.BYTES; left > 0; left -= LARGEST_TENSOR) {
            memory.slabs.add(new float[(int) Math.min(left, LARGEST_TENSOR)]);
        }
        return memory;
    }

    /** Bytes in hand. */
    long bytes() {
        return Float.BYTES * slabs.stream().mapToLong(slab -> slab.length).sum();
    }

    boolean measures() {
        return measuring;
    }

    void resetPeak() {
        peak = 0;
    }

    long peakBytes() {
        return peak * Float.BYTES;
    }

    Frame frame() {
        int slabBefore = slab;
        int positionBefore = position;
        long inUseBefore = inUse;
        return new Frame() {
            @Override
            public Tensor tensor(Shape shape) {
                return StackMemory.this.tensor(shape);
            }

            @Override
            public void close() {
                slab = slabBefore;
                position = positionBefore;
                inUse = inUseBefore;
            }
        };
    }

    HostTensor tensor(Shape shape) {
        long elements = shape.elements();
        if (elements > LARGEST_TENSOR) {
            throw new LotusException(
                    "an activation of shape %s has %,d values, and at most %,d fit an array; take a smaller processing resolution"
                            .formatted(shape, elements, LARGEST_TENSOR));
        }
        int size = (int) ((elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        inUse += size;
        peak = Math.max(peak, inUse);
        if (measuring) {
            return new HostTensor(NOTHING, 0, shape, shape.c());
        }
        while (slab < slabs.size() && position + (long) size > slabs.get(slab).length) {
            slab++;
            position = 0;
        }
        if (slab == slabs.size()) {
            long growth = Math.max(SMALLEST_SLAB, Math.min(bytes() / Float.BYTES, LARGEST_GROWTH));
            slabs.add(new float[(int) Math.max(size, growth)]);
            position = 0;
        }
        HostTensor tensor = new HostTensor(slabs.get(slab), position, shape, shape.c());
        position += size;
        return tensor;
    }
}
