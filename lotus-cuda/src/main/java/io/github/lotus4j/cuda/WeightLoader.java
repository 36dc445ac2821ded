package io.github.lotus4j.cuda;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.JCudaDriver;

/** Brings weights to the device as they are stored, piece by piece, and lets it convert and reorder them. */
final class WeightLoader implements AutoCloseable {
    /** What elementwise.cuh's Stored counts. */
    private static final int F32 = 0;

    private static final int F16 = 1;
    private static final int BF16 = 2;

    private final Device device;
    private final Kernels kernels;
    private final Lane lane;
    private final Address staged;

    WeightLoader(Device device, Kernels kernels, Lane lane) {
        this.device = device;
        this.kernels = kernels;
        this.lane = lane;
        staged = device.allocate(Staging.BYTES, "loading");
    }

    /** Values as they are. */
    void floats(long to, float[] values) {
        lane.staging().upload(to, MemorySegment.ofArray(values));
    }

    /** Values in a storage type. */
    void stored(long to, float[] values, Precision precision) {
        lane.staging().upload(to, precision.stored(values));
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
        int type = weight.dtype() == DType.F16 ? F16 : weight.dtype() == DType.BF16 ? BF16 : F32;
        int size = type == F32 ? Float.BYTES : Short.BYTES;
        long row = (long) inputs * taps;
        if (row * size > Staging.BYTES) {
            throw new CudaException("%s: found rows of %,d bytes, expected at most %,d"
                    .formatted(weight.name(), row * size, Staging.BYTES));
        }
        int rows = Math.toIntExact(Staging.BYTES / (row * size));
        for (int from = 0; from < outputs; from += rows) {
            int count = Math.min(rows, outputs - from);
            upload(weight, from * row, count * row, size);
            Arguments arguments = new Arguments()
                    .address(staged.value())
                    .address(to + (long) from * taps * paddedInputs * precision.bytes())
                    .number(count)
                    .number(inputs)
                    .number(taps)
                    .number(paddedInputs)
                    .number(type);
            long items = (long) count * taps * paddedInputs;
            kernels.launch("pack_weights" + precision.suffix(), Launch.over(items), arguments, lane.stream());
        }
    }

    /** Elements as they are stored, or as floats where the device does not know how. */
    private void upload(Parameter weight, long from, long count, int size) {
        boolean known = weight.dtype() == DType.F32 || size == Short.BYTES;
        lane.staging().upload(staged.value(), count * size, (at, to) -> {
            long first = from + at / size;
            if (known) {
                weight.read(first, to);
            } else {
                float[] values = new float[Math.toIntExact(to.byteSize() / size)];
                weight.toFloats(first, values, 0, values.length);
                MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT, 0, values.length);
            }
        });
    }

    @Override
    public void close() {
        try {
            lane.await();
        } finally {
            device.free(staged);
        }
    }
}
