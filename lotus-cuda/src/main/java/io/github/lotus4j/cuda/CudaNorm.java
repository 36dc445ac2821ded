package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.weights.Parameter;

/** A group normalisation, or, with no groups, a layer normalisation. Weights stay floats. */
final class CudaNorm implements Norm, CudaWeights.Loadable {
    private final Parameter weightParameter;
    private final Parameter biasParameter;
    private final int groups;
    private final double eps;
    private long weight;
    private long bias;

    CudaNorm(Parameter weight, Parameter bias, int groups, double eps) {
        weightParameter = weight;
        biasParameter = bias;
        this.groups = groups;
        this.eps = eps;
        if (groups > 0 && channels() % groups != 0) {
            throw new IllegalArgumentException(name() + ": " + channels() + " channels in " + groups + " groups");
        }
    }

    @Override
    public String name() {
        return weightParameter.name();
    }

    @Override
    public int channels() {
        return weightParameter.shape()[0];
    }

    boolean overGroups() {
        return groups > 0;
    }

    int groups() {
        return groups;
    }

    float eps() {
        return (float) eps;
    }

    long weight() {
        return CudaWeights.loaded(weight, name());
    }

    long bias() {
        return CudaWeights.loaded(bias, name());
    }

    @Override
    public long bytes() {
        return 2 * CudaWeights.aligned((long) Float.BYTES * channels());
    }

    @Override
    public void load(long address, WeightLoader loader) {
        weight = address;
        bias = address + bytes() / 2;
        loader.floats(weight, weightParameter.toFloats());
        loader.floats(bias, biasParameter.toFloats());
    }
}
