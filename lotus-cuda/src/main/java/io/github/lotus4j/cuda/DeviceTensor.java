package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Values in the device's memory, channels last.
 *
 * @param address of the first value
 * @param stride values from one pixel to the next; more than the channels in a view of some of them
 */
record DeviceTensor(long address, Precision precision, Shape shape, int stride) implements Tensor {
    static DeviceTensor of(Tensor tensor) {
        if (tensor instanceof DeviceTensor device) {
            return device;
        }
        throw new IllegalArgumentException(
                "a tensor of another backend: " + tensor.getClass().getName());
    }

    static @Nullable DeviceTensor ofNullable(@Nullable Tensor tensor) {
        return tensor == null ? null : of(tensor);
    }

    @Override
    public Tensor channels(int from, int count) {
        if (from < 0 || count < 1 || from + count > shape.c()) {
            throw new IllegalArgumentException("channels " + from + " to " + (from + count) + " of a tensor " + shape);
        }
        long offset = (long) from * precision.bytes();
        return new DeviceTensor(address + offset, precision, shape.withChannels(count), stride);
    }

    /** Whether pixels follow each other without a gap, and are {@link #wide()}. */
    boolean dense() {
        return stride == shape.c() && wide();
    }

    /** Whether packs of 16 bytes begin at multiples of 16 bytes in every pixel, and fill its channels. */
    boolean wide() {
        return address % 16 == 0 && stride % precision.wide() == 0 && shape.c() % precision.wide() == 0;
    }
}
