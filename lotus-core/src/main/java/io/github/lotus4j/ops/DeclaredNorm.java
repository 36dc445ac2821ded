package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Parameter;

/** What a backend's handle of a group normalisation, or, with no groups, a layer normalisation knows before it is loaded. */
public abstract class DeclaredNorm implements Norm {
    private final Parameter weight;
    private final Parameter bias;
    private final int groups;
    private final double eps;

    /** @throws IllegalArgumentException if the channels are not divisible by the groups */
    protected DeclaredNorm(Parameter weight, Parameter bias, int groups, double eps) {
        this.weight = weight;
        this.bias = bias;
        this.groups = groups;
        this.eps = eps;
        if (groups > 0 && channels() % groups != 0) {
            throw new IllegalArgumentException(name() + ": " + channels() + " channels in " + groups + " groups");
        }
    }

    protected final float[] readWeight() {
        return weight.toFloats();
    }

    protected final float[] readBias() {
        return bias.toFloats();
    }

    @Override
    public final String name() {
        return weight.name();
    }

    @Override
    public final int channels() {
        return weight.shape()[0];
    }

    public final boolean overGroups() {
        return groups > 0;
    }

    public final int groups() {
        return groups;
    }

    public final double eps() {
        return eps;
    }
}
