package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.List;

/** Weights in the device's memory: one allocation for what was declared between two calls of {@link #load()}. */
final class CudaWeights implements PreparedWeights {
    /** What is declared first and loaded later. */
    interface Loadable {
        /** Of the device's memory. */
        long bytes();

        /** @param address of that many bytes */
        void load(long address, WeightLoader loader);
    }

    private final CudaBackend backend;
    private final Device device;
    private final Precision precision;
    private final List<Loadable> declared = new ArrayList<>();
    private final List<Address> allocations = new ArrayList<>();
    private long bytes;

    CudaWeights(CudaBackend backend, Device device, Precision precision) {
        this.backend = backend;
        this.device = device;
        this.precision = precision;
    }

    static long aligned(long size) {
        return Math.ceilDiv(size, DeviceMemory.ALIGNMENT) * DeviceMemory.ALIGNMENT;
    }

    static long loaded(long address, String name) {
        if (address == 0) {
            throw new IllegalStateException(name + " was declared, but load() was not called since");
        }
        return address;
    }

    @Override
    public Conv2d conv2d(Parameter weight, Parameter bias, Window window) {
        return declare(new CudaLayer(List.of(weight), List.of(bias), window, precision));
    }

    @Override
    public Linear linear(List<Parameter> weights, List<Parameter> biases) {
        return declare(new CudaLayer(weights, biases, Window.POINT, precision));
    }

    @Override
    public Linear geglu(Parameter weight, Parameter bias) {
        return declare(new CudaLayer(List.of(weight), List.of(bias), Window.POINT, precision));
    }

    @Override
    public Norm groupNorm(Parameter weight, Parameter bias, int groups, double eps) {
        PreparedWeights.requireGroups(weight, groups);
        return declare(new CudaNorm(weight, bias, groups, eps));
    }

    @Override
    public Norm layerNorm(Parameter weight, Parameter bias, double eps) {
        return declare(new CudaNorm(weight, bias, 0, eps));
    }

    private <T extends Loadable> T declare(T layer) {
        declared.add(layer);
        return layer;
    }

    @Override
    public void load() {
        long size = declared.stream().mapToLong(Loadable::bytes).sum();
        if (size > 0) {
            Address block = allocate(size, "the weights");
            long at = block.value();
            Lane lane = backend.takeLane(0);
            try (WeightLoader loader = new WeightLoader(device, backend.kernels(), lane)) {
                for (Loadable each : declared) {
                    each.load(at, loader);
                    at += each.bytes();
                }
            } finally {
                backend.giveBack(lane);
            }
        }
        declared.clear();
    }

    private Address allocate(long size, String what) {
        Address block = device.allocate(size, what);
        allocations.add(block);
        bytes += size;
        return block;
    }

    @Override
    public Tensor constant(Shape shape, float[] values) {
        PreparedWeights.requireFitting(shape, values);
        Address block = allocate(aligned(shape.elements() * precision.bytes()), "a constant of the model");
        DeviceTensor tensor = new DeviceTensor(block.value(), precision, shape, shape.c());
        Lane lane = backend.takeLane(0);
        try {
            lane.staging().upload(block.value(), precision.stored(values));
            lane.await();
        } finally {
            backend.giveBack(lane);
        }
        return tensor;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        allocations.forEach(device::free);
        allocations.clear();
    }
}
