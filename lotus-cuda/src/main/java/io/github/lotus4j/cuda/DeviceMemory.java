package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one run: a stack. Planned, it is one allocation, as large as a measuring run found, in which every tensor has the
 * same place each time; it is kept between runs. Growing, it allocates as needed, until it is closed.
 */
final class DeviceMemory implements AutoCloseable {
    /** What allocations of the driver are aligned to, too. */
    static final long ALIGNMENT = 256;

    private static final long SMALLEST_GROWTH = 4L << 20;

    private enum Sort {
        MEASURING,
        PLANNED,
        GROWING
    }

    private record Slab(Address address, long bytes) {}

    /** The first free place. */
    private record Top(int slab, long before, long position) {}

    private final Sort sort;
    private final @Nullable Device device;
    private final List<Slab> slabs = new ArrayList<>();
    private Top top = new Top(0, 0, 0);
    private long peak;

    private DeviceMemory(Sort sort, @Nullable Device device) {
        this.sort = sort;
        this.device = device;
    }

    /** Only adds up. */
    static DeviceMemory measuring() {
        return new DeviceMemory(Sort.MEASURING, null);
    }

    /** With the {@link #peakBytes()} of a measuring one. */
    static DeviceMemory planned(Device device, long bytes) {
        DeviceMemory memory = new DeviceMemory(Sort.PLANNED, device);
        if (bytes > 0) {
            memory.slabs.add(new Slab(device.allocate(bytes, "this prediction"), bytes));
        }
        return memory;
    }

    static DeviceMemory growing(Device device) {
        return new DeviceMemory(Sort.GROWING, device);
    }

    boolean measures() {
        return sort == Sort.MEASURING;
    }

    boolean growing() {
        return sort == Sort.GROWING;
    }

    /** Bytes in hand. */
    long bytes() {
        return slabs.stream().mapToLong(Slab::bytes).sum();
    }

    /** Begins another run: every tensor gets the place that it had in the one before. */
    void restart() {
        top = new Top(0, 0, 0);
        peak = 0;
    }

    /** The most that has been in use. */
    long peakBytes() {
        return peak;
    }

    /** @param precision of the frame's tensors */
    Frame frame(Precision precision) {
        Top before = top;
        return new Frame() {
            @Override
            public Tensor tensor(Shape shape) {
                return DeviceMemory.this.tensor(shape, precision);
            }

            @Override
            public void close() {
                top = before;
            }
        };
    }

    DeviceTensor tensor(Shape shape, Precision precision) {
        return new DeviceTensor(take(shape.elements() * precision.bytes()), precision, shape, shape.c());
    }

    /** An address of that many bytes, until the frame closes; when measuring, one that differs from others and holds nothing. */
    long take(long bytes) {
        long padded = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
        while (!measures() && (top.slab == slabs.size() || top.position + padded > slabs.get(top.slab).bytes)) {
            if (top.slab == slabs.size()) {
                grow(padded);
            } else {
                top = new Top(top.slab + 1, top.before + slabs.get(top.slab).bytes, 0);
            }
        }
        long position = top.position;
        top = new Top(top.slab, top.before, position + padded);
        peak = Math.max(peak, top.before + top.position);
        return position + (measures() ? ALIGNMENT : slabs.get(top.slab).address.value());
    }

    private void grow(long bytes) {
        if (device == null || sort == Sort.PLANNED) {
            throw new IllegalStateException(
                    "a run took more than the %,d bytes that were planned for it".formatted(bytes()));
        }
        long size = Math.max(bytes, SMALLEST_GROWTH);
        slabs.add(new Slab(device.allocate(size, "this run"), size));
    }

    @Override
    public void close() {
        if (device != null) {
            slabs.forEach(slab -> device.free(slab.address));
        }
        slabs.clear();
    }
}
