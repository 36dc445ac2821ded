package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.weights.Parameter;
import org.jspecify.annotations.Nullable;

/** A group normalisation (Wu and He 2018), or, with no groups, a layer normalisation (Ba et al. 2016). */
final class CpuNorm implements Norm, CpuWeights.Loadable {
    private final Parameter weightParameter;
    private final Parameter biasParameter;
    private final int groups;
    private final double eps;
    private float @Nullable [] weight;
    private float @Nullable [] bias;

    CpuNorm(Parameter weight, Parameter bias, int groups, double eps) {
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

    double eps() {
        return eps;
    }

    float[] weight() {
        return CpuWeights.loaded(weight, name());
    }

    float[] bias() {
        return CpuWeights.loaded(bias, name());
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public void load(int piece, PackingBuffers buffers) {
        weight = weightParameter.toFloats();
        bias = biasParameter.toFloats();
    }

    @Override
    public long bytes() {
        return 2L * Float.BYTES * channels();
    }
}
