package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.DeclaredNorm;
import io.github.lotus4j.weights.Parameter;

/** A normalisation on the device; its weights stay floats. */
final class CudaNorm extends DeclaredNorm implements CudaWeights.Loadable {
    private long weight;
    private long bias;

    CudaNorm(Parameter weight, Parameter bias, int groups, double eps) {
        super(weight, bias, groups, eps);
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
        loader.floats(weight, readWeight());
        loader.floats(bias, readBias());
    }
}
