package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A convolution or linear layer (which is a 1×1 convolution) on the CPU. */
final class CpuLayer implements Conv2d, Linear, CpuWeights.Loadable {
    private final List<Parameter> weights;
    private final List<Parameter> biases;
    private final Window window;
    private final @Nullable PackedMatrix packed; // absent where the weights are used once, from where they lie
    private final Arena arena;
    private float @Nullable [] bias; // of all outputs, once loaded

    CpuLayer(
            List<Parameter> weights,
            List<Parameter> biases,
            Window window,
            boolean paired,
            boolean once,
            int panelWidth,
            Arena arena) {
        this.weights = weights;
        this.biases = biases;
        this.window = window;
        this.arena = arena;
        packed = once ? null : new PackedMatrix(weights, paired, panelWidth);
    }

    @Override
    public String name() {
        return weights.getFirst().name();
    }

    @Override
    public int inChannels() {
        return weights.getFirst().shape()[1];
    }

    @Override
    public int outChannels() {
        return weights.stream().mapToInt(each -> each.shape()[0]).sum();
    }

    @Override
    public int inFeatures() {
        return inChannels();
    }

    @Override
    public int outFeatures() {
        return outChannels();
    }

    @Override
    public Window window() {
        return window;
    }

    List<Parameter> weights() {
        return weights;
    }

    @Nullable
    PackedMatrix packed() {
        return packed;
    }

    /** One value an output; zeros where the layer has no bias. */
    float[] bias() {
        return CpuWeights.loaded(bias, name());
    }

    @Override
    public int pieces() {
        return packed == null ? 1 : packed.pieces();
    }

    @Override
    public void load(int piece, PackingBuffers buffers) {
        if (piece == 0) {
            float[] all = new float[outChannels()];
            int at = 0;
            for (Parameter each : biases) {
                float[] values = each.toFloats();
                System.arraycopy(values, 0, all, at, values.length);
                at += values.length;
            }
            bias = all;
        }
        if (packed != null) {
            packed.load(piece, arena, buffers);
        }
    }

    @Override
    public long bytes() {
        return (packed == null ? 0 : packed.bytes()) + (long) Float.BYTES * outChannels();
    }
}
