package io.github.lotus4j.cpu;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The memory of one run: a stack over arrays, the slabs. Planned, it is as large as a measuring one found, of which every
 * tensor has the same place, and nothing is allocated after that; it is kept between runs. Growing, it takes slabs as needed.
 */
final class StackMemory {
    /** Floats of a slab: what an array can hold. A tensor lies in one slab, so this is also the longest tensor. */
    private static final int LONGEST_SLAB = Integer.MAX_VALUE - 63;

    private static final int SHORTEST_GROWTH = 1 << 18;
    private static final int LONGEST_GROWTH = 1 << 25;

    /** Floats of a cache line, at whose multiples tensors begin: with 512 bits, a vector would else lie in two lines each time. */
    private static final int ALIGNMENT = 16;

    /**
     * Where the first line of a slab begins. An array has a header of 16 bytes, and large ones begin at a line with Java's usual
     * collector and others that work by regions; with the rest, where objects are aligned so.
     */
    private static final int FIRST = ALIGNMENT - 16 / Float.BYTES;

    private static final float[] NOTHING = new float[0];

    private enum Sort {
        MEASURING,
        PLANNED,
        GROWING
    }

    /** The first free place. */
    private record Top(int slab, long before, int position) {}

    private final Sort sort;
    private final int longestSlab;
    private final List<float[]> slabs = new ArrayList<>();
    private final WorkerScratch[] scratch;
    private Top top = new Top(0, 0, FIRST);
    private long peak;

    private StackMemory(Sort sort, int workers, int longestSlab) {
        this.sort = sort;
        this.longestSlab = longestSlab;
        scratch = new WorkerScratch[workers];
        Arrays.setAll(scratch, _ -> new WorkerScratch());
    }

    /** Only adds up. */
    static StackMemory measuring() {
        return measuring(LONGEST_SLAB);
    }

    static StackMemory measuring(int longestSlab) {
        return new StackMemory(Sort.MEASURING, 0, longestSlab);
    }

    /** With the {@link #peakBytes()} of a measuring one. */
    static StackMemory planned(long bytes, int workers) {
        return planned(bytes, workers, LONGEST_SLAB);
    }

    static StackMemory planned(long bytes, int workers, int longestSlab) {
        StackMemory memory = new StackMemory(Sort.PLANNED, workers, longestSlab);
        for (long left = bytes / Float.BYTES; left > 0; left -= longestSlab) {
            memory.slabs.add(new float[(int) Math.min(left, longestSlab)]);
        }
        return memory;
    }

    static StackMemory growing(int workers) {
        return new StackMemory(Sort.GROWING, workers, LONGEST_SLAB);
    }

    /** Bytes in hand. */
    long bytes() {
        return Float.BYTES * slabs.stream().mapToLong(slab -> slab.length).sum();
    }

    /** What a worker may use while it runs an item. */
    WorkerScratch scratch(int worker) {
        return scratch[worker];
    }

    boolean measures() {
        return sort == Sort.MEASURING;
    }

    /** Whether tensors have the same places in every run. */
    boolean planned() {
        return sort == Sort.PLANNED;
    }

    void resetPeak() {
        peak = 0;
    }

    /** Counts what was in use in a recording that is replayed. */
    void raisePeak(long bytes) {
        peak = Math.max(peak, bytes / Float.BYTES);
    }

    /** The most that has been in use, with what was left over at the ends of slabs. */
    long peakBytes() {
        return peak * Float.BYTES;
    }

    Frame frame() {
        Top before = top;
        return new Frame() {
            @Override
            public Tensor tensor(Shape shape) {
                return StackMemory.this.tensor(shape);
            }

            @Override
            public void close() {
                top = before;
            }
        };
    }

    HostTensor tensor(Shape shape) {
        long elements = shape.elements();
        long padded = Math.ceilDiv(elements, ALIGNMENT) * ALIGNMENT;
        if (FIRST + padded > longestSlab) {
            throw new LotusException(
                    "this prediction needs a buffer of shape %s, %,d values, and at most %,d fit an array; take a smaller processing resolution, or have the VAE work in tiles"
                            .formatted(shape, elements, longestSlab - FIRST));
        }
        int size = (int) padded;
        while (top.position + (long) size > length(top.slab)) {
            if (sort != Sort.MEASURING && top.slab == slabs.size()) {
                grow(size);
            } else {
                top = new Top(top.slab + 1, top.before + length(top.slab), FIRST);
            }
        }
        int position = top.position;
        top = new Top(top.slab, top.before, position + size);
        peak = Math.max(peak, top.before + top.position);
        return measures()
                ? new HostTensor(NOTHING, 0, shape, shape.c())
                : new HostTensor(slabs.get(top.slab), position, shape, shape.c());
    }

    private int length(int slab) {
        if (sort == Sort.MEASURING) {
            return longestSlab;
        }
        return slab < slabs.size() ? slabs.get(slab).length : 0;
    }

    private void grow(int size) {
        if (sort == Sort.PLANNED) {
            throw new IllegalStateException(
                    "a run took more than the %,d bytes that were planned for it".formatted(bytes()));
        }
        long growth = Math.clamp(bytes() / Float.BYTES, SHORTEST_GROWTH, LONGEST_GROWTH);
        slabs.add(new float[FIRST + (int) Math.max(size, growth)]);
    }
}
