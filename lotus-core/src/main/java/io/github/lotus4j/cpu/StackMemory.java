package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one run: a stack over a few large arrays that are kept between runs, so that a second run of a size allocates
 * nothing. When measuring, only the sums are kept.
 */
final class StackMemory {
    private static final int SMALLEST_SLAB = 1 << 18;
    private static final int LARGEST_GROWTH = 1 << 25;
    private static final int LARGEST_TENSOR = Integer.MAX_VALUE - 64;
    /** Tensors begin at multiples of a cache line. */
    private static final int ALIGNMENT = 16;

    private static final float[] NOTHING = new float[0];

    private final boolean measuring;
    private final List<float[]> slabs = new ArrayList<>();
    private int slab;
    private int position;
    private long inUse;
    private long peak;

    StackMemory(boolean measuring) {
        this.measuring = measuring;
    }

    boolean measuring() {
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
            throw new IllegalArgumentException(
                    "a tensor " + shape + " has " + elements + " elements, at most " + LARGEST_TENSOR + " are possible");
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
            long held = slabs.stream().mapToLong(each -> each.length).sum();
            long growth = Math.max(SMALLEST_SLAB, Math.min(held, LARGEST_GROWTH));
            slabs.add(new float[(int) Math.max(size, growth)]);
            position = 0;
        }
        HostTensor tensor = new HostTensor(slabs.get(slab), position, shape, shape.c());
        position += size;
        return tensor;
    }
}
