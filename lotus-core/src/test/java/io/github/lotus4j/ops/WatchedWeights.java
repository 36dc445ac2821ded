package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.Parameter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Weights that count themselves down when they are closed. */
record WatchedWeights(PreparedWeights weights, AtomicInteger open) implements PreparedWeights {
    @Override
    public Conv2d conv2d(Parameter weight, Parameter bias, Window window) {
        return weights.conv2d(weight, bias, window);
    }

    @Override
    public Linear linear(List<Parameter> matrices, List<Parameter> biases) {
        return weights.linear(matrices, biases);
    }

    @Override
    public Linear geglu(Parameter weight, Parameter bias) {
        return weights.geglu(weight, bias);
    }

    @Override
    public Norm groupNorm(Parameter weight, Parameter bias, int groups, double eps) {
        return weights.groupNorm(weight, bias, groups, eps);
    }

    @Override
    public Norm layerNorm(Parameter weight, Parameter bias, double eps) {
        return weights.layerNorm(weight, bias, eps);
    }

    @Override
    public Supplier<float[]> derived(String name, int count, Supplier<float[]> computation) {
        return weights.derived(name, count, computation);
    }

    @Override
    public void load() {
        weights.load();
    }

    @Override
    public void load(Checkpoint checkpoint) {
        weights.load(checkpoint);
    }

    @Override
    public Tensor constant(Shape shape, float[] values) {
        return weights.constant(shape, values);
    }

    @Override
    public long bytes() {
        return weights.bytes();
    }

    @Override
    public void close() {
        open.decrementAndGet();
        weights.close();
    }
}
