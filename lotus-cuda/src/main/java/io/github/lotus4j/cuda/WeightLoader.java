package io.github.lotus4j.cuda;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Brings weights to the device as they are stored, piece by piece through memory that the device reads fast, and lets it convert
 * and reorder them.
 */
final class WeightLoader implements AutoCloseable {
    private static final int STAGED_BYTES = 32 << 20;

    private final Device device;
    private final Kernels kernels;
    private final Lane lane;
    private final Pointer host;
    private final MemorySegment hostBytes;
    private final Address staged;

    WeightLoader(Device device, Kernels kernels, Lane lane) {
        this.device = device;
        this.kernels = kernels;
        this.lane = lane;
        host = device.allocateHost(STAGED_BYTES);
        ByteBuffer view = Device.view(host, STAGED_BYTES);
        hostBytes = MemorySegment.ofBuffer(view);
        try {
            staged = device.allocate(STAGED_BYTES, "loading");
        } catch (RuntimeException e) {
            device.freeHost(host);
            throw e;
        }
    }

    /** Values as they are. */
    void floats(long to, float[] values) {
        device.upload(to, values);
    }

    /** Values in a storage type. */
    void stored(long to, float[] values, Precision precision) {
        device.upload(to, precision.stored(values), (long) precision.bytes() * values.length);
    }

    void zeros(long to, long bytes) {
        if (bytes > 0) {
            device.check(JCudaDriver.cuMemsetD8Async(new Address(to), (byte) 0, bytes, lane.stream()), "cuMemsetD8");
        }
    }

    /**
     * From [outputs, inputs, taps] to [outputs, taps, paddedInputs].
     *
     * @param taps pixels of a kernel
     */
    void packed(long to, Parameter weight, int taps, int paddedInputs, Precision precision) {
        int outputs = weight.shape()[0];
        int inputs = weight.shape()[1];
        boolean direct = weight.dtype() == DType.F32 || weight.dtype() == DType.F16 || weight.dtype() == DType.BF16;
        int type =
                weight.dtype() == DType.F16 ? 1 : weight.dtype() == DType.BF16 ? 2 : 0; // as elementwise.cuh's Stored
        int size = type == 0 ? Float.BYTES : Short.BYTES;
        long row = (long) inputs * taps;
        int rows = Math.toIntExact(Math.max(STAGED_BYTES / (row * size), 1));
        if (row * size > STAGED_BYTES) {
            throw new CudaException("%s: found rows of %,d bytes, expected at most %,d"
                    .formatted(weight.name(), row * size, STAGED_BYTES));
        }
        for (int from = 0; from < outputs; from += rows) {
            int count = Math.min(rows, outputs - from);
            long bytes = count * row * size;
            lane.await(); // until the piece before has been read
            if (direct) {
                weight.read(from * row, hostBytes.asSlice(0, bytes));
            } else {
                float[] values = new float[Math.toIntExact(count * row)];
                weight.toFloats(from * row, values, 0, values.length);
                MemorySegment.copy(values, 0, hostBytes, ValueLayout.JAVA_FLOAT, 0, values.length);
            }
            device.check(JCudaDriver.cuMemcpyHtoDAsync(staged, host, bytes, lane.stream()), "cuMemcpyHtoD");
            long target = to + (long) from * taps * paddedInputs * precision.bytes();
            Arguments arguments = new Arguments()
                    .address(staged.value())
                    .address(target)
                    .number(count)
                    .number(inputs)
                    .number(taps)
                    .number(paddedInputs)
                    .number(type)
                    .flag(false);
            long items = (long) count * taps * paddedInputs;
            kernels.launch("pack_weights" + precision.suffix(), Launch.over(items), arguments, lane.stream());
        }
    }

    @Override
    public void close() {
        try {
            lane.await();
        } finally {
            device.free(staged);
            device.freeHost(host);
        }
    }
}
