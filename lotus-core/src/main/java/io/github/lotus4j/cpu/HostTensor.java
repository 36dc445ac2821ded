package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;

/**
 * Floats on the heap, channels last.
 *
 * @param stride floats from one pixel to the next; more than the channels in a view of some of them
 */
record HostTensor(float[] data, int offset, Shape shape, int stride) implements Tensor {
    static HostTensor of(Tensor tensor) {
        if (tensor instanceof HostTensor host) {
            return host;
        }
        throw new IllegalArgumentException(
                "a tensor of another backend: " + tensor.getClass().getName());
    }

    @Override
    public Tensor channels(int from, int count) {
        if (from < 0 || count < 1 || from + count > shape.c()) {
            throw new IllegalArgumentException("channels " + from + " to " + (from + count) + " of a tensor " + shape);
        }
        return new HostTensor(data, offset + from, shape.withChannels(count), stride);
    }

    /** Where a pixel begins, counted over the whole batch. */
    int at(int pixel) {
        return offset + pixel * stride;
    }
}
