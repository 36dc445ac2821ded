package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.DeclaredLayer;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A convolution or linear layer on the CPU. */
final class CpuLayer extends DeclaredLayer implements CpuWeights.Loadable {
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
        super(weights, biases, window);
        this.arena = arena;
        packed = once ? null : new PackedMatrix(weights, paired, panelWidth);
    }

    @Nullable
    PackedMatrix packed() {
        return packed;
    }

    @Override
    public Optional<PackedWeightsCache.Packed> kept() {
        return Optional.ofNullable(packed);
    }

    /** One value an output; zeros where the layer has no bias. */
    float[] bias() {
        return CpuWeights.loaded(bias, name());
    }

    @Override
    public int pieces() {
        return packed == null || packed.placed() ? 1 : packed.pieces();
    }

    @Override
    public void load(int piece, PackingBuffers buffers) {
        if (piece == 0) {
            bias = readBiases(outChannels());
        }
        if (packed != null && !packed.placed()) {
            packed.load(piece, arena, buffers);
        }
    }

    @Override
    public long bytes() {
        return (packed == null ? 0 : packed.bytes()) + (long) Float.BYTES * outChannels();
    }
}
