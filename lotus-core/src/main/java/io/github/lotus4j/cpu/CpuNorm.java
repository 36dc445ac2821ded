package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.DeclaredNorm;
import io.github.lotus4j.weights.Parameter;
import org.jspecify.annotations.Nullable;

/** A group normalisation (Wu and He 2018), or, with no groups, a layer normalisation (Ba et al. 2016). */
final class CpuNorm extends DeclaredNorm implements CpuWeights.Loadable {
    private float @Nullable [] weight;
    private float @Nullable [] bias;

    CpuNorm(Parameter weight, Parameter bias, int groups, double eps) {
        super(weight, bias, groups, eps);
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
        weight = readWeight();
        bias = readBias();
    }

    @Override
    public long bytes() {
        return 2L * Float.BYTES * channels();
    }
}
