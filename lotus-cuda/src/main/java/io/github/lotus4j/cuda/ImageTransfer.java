package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Shape;
import java.lang.foreign.MemorySegment;

/** Images on their way to the device and back: samples go up, results come down, everything between happens there. */
final class ImageTransfer {
    /** What image.cuh's Source counts. */
    private static final int SAMPLES = 0;

    private static final int FLOATS = 1;
    private static final int VALUES = 2;

    private final CudaOps ops;

    /** Temporary memory comes from the caller's frame. */
    ImageTransfer(CudaOps ops) {
        this.ops = ops;
    }

    void upload(DeviceTensor to, byte[] samples, Axis vertical, Axis horizontal) {
        Shape shape = to.shape();
        Shape source = shape.withSize(vertical.from(), horizontal.from());
        long bytes = ops.memory().take(source.elements());
        ops.upload(bytes, MemorySegment.ofArray(samples));
        DeviceTensor wide = ops.memory().tensor(shape.withSize(vertical.from(), shape.w()), Precision.F32);
        resize(wide, new Read(SAMPLES, bytes, shape.c(), 1), horizontal, shape.n() * vertical.from(), 1);
        resize(to, floats(wide), vertical, shape.n(), shape.w());
    }

    float[] download(DeviceTensor from, Axis vertical, Axis horizontal, boolean mean) {
        Shape shape = from.shape().withChannels(mean ? 1 : from.shape().c());
        Shape result = shape.withSize(vertical.to(), horizontal.to());
        DeviceTensor wide = ops.memory().tensor(shape.withSize(shape.h(), horizontal.to()), Precision.F32);
        DeviceTensor floats = ops.memory().tensor(result, Precision.F32);
        Read read = new Read(
                VALUES, from.address(), from.stride(), mean ? from.shape().c() : 1);
        resize(wide, read, horizontal, shape.n() * shape.h(), 1);
        resize(floats, floats(wide), vertical, shape.n(), horizontal.to());
        if (ops.measures()) {
            return new float[0];
        }
        float[] values = new float[Math.toIntExact(result.elements())];
        ops.download(values, floats.address());
        return values;
    }

    /**
     * What is resized.
     *
     * @param stride values from one pixel to the next
     * @param averaged neighbouring channels whose mean is one of the result's
     */
    private record Read(int source, long address, int stride, int averaged) {}

    private static Read floats(DeviceTensor tensor) {
        return new Read(FLOATS, tensor.address(), tensor.stride(), 1);
    }

    /** Resizes the middle axis of [outer, axis.from, inner pixels]. */
    private void resize(DeviceTensor out, Read in, Axis axis, int outer, int inner) {
        long first = 0;
        long weights = 0;
        if (!axis.same()) {
            first = ops.memory().take((long) Integer.BYTES * axis.to());
            weights = ops.memory().take((long) Float.BYTES * axis.to() * axis.taps());
            ops.upload(first, MemorySegment.ofArray(axis.first()));
            ops.upload(weights, MemorySegment.ofArray(axis.weights()));
        }
        Arguments arguments = new Arguments()
                .address(in.address)
                .address(first)
                .address(weights)
                .address(out.address())
                .number(outer)
                .number(axis.from())
                .number(axis.to())
                .number(inner)
                .number(out.shape().c())
                .number(in.stride)
                .number(out.stride())
                .number(axis.taps())
                .number(in.source)
                .number(in.averaged)
                .flag(out.precision() == ops.precision()); // floats are floats either way
        ops.launch("resize", Launch.over(out.shape().elements()), arguments);
    }
}
