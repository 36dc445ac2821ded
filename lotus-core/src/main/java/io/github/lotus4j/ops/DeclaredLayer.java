package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Parameter;
import java.util.List;

/** What a backend's handle of a convolution or linear layer (which is a 1×1 convolution) knows before it is loaded. */
public abstract class DeclaredLayer implements Conv2d, Linear {
    private final List<Parameter> weights;
    private final List<Parameter> biases;
    private final Window window;

    /**
     * @param weights each {@code [outputs_i, inputs, …]}
     * @param biases one for each weight, or none
     */
    protected DeclaredLayer(List<Parameter> weights, List<Parameter> biases, Window window) {
        this.weights = List.copyOf(weights);
        this.biases = List.copyOf(biases);
        this.window = window;
    }

    public final List<Parameter> weights() {
        return weights;
    }

    public final boolean biased() {
        return !biases.isEmpty();
    }

    /** The biases of all outputs, read now; zeros where there are none, and beyond the outputs. */
    protected final float[] readBiases(int length) {
        float[] all = new float[length];
        int at = 0;
        for (Parameter each : biases) {
            float[] values = each.toFloats();
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    @Override
    public final String name() {
        return weights.getFirst().name();
    }

    @Override
    public final int inChannels() {
        return weights.getFirst().shape()[1];
    }

    @Override
    public final int outChannels() {
        return weights.stream().mapToInt(each -> each.shape()[0]).sum();
    }

    @Override
    public final int inFeatures() {
        return inChannels();
    }

    @Override
    public final int outFeatures() {
        return outChannels();
    }

    @Override
    public final Window window() {
        return window;
    }
}
