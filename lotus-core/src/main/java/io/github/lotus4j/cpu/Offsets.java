package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import org.jspecify.annotations.Nullable;

/** What a layer adds to every pixel: bias and shift. */
final class Offsets {
    private final Kernels kernels;
    private final CpuLayer layer;
    private final @Nullable HostTensor shift;
    private final HostTensor sums;

    /** @param shift [1, 1, 1, outputs] */
    Offsets(Workspace workspace, CpuLayer layer, @Nullable HostTensor shift) {
        kernels = workspace.kernels();
        this.layer = layer;
        this.shift = shift;
        sums = workspace.memory().tensor(Shape.vector(layer.outChannels()));
    }

    /** [1, 1, 1, outputs], as last computed. */
    HostTensor tensor() {
        return sums;
    }

    void compute() {
        float[] bias = layer.bias();
        int at = sums.offset();
        System.arraycopy(bias, 0, sums.data(), at, bias.length);
        if (shift != null) {
            kernels.add(sums.data(), at, shift.data(), shift.offset(), sums.data(), at, bias.length);
        }
    }
}
