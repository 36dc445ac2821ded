package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import org.jspecify.annotations.Nullable;

/** What a layer adds to every pixel, bias and shift: a row for each panel of its weights. */
final class Offsets {
    private final Kernels kernels;
    private final CpuLayer layer;
    private final PackedMatrix weights;
    private final @Nullable HostTensor shift;
    private final HostTensor rows; // [panel][panelWidth]

    /** @param shift [1, 1, 1, outputs] */
    Offsets(Workspace workspace, CpuLayer layer, PackedMatrix weights, @Nullable HostTensor shift) {
        kernels = workspace.kernels();
        this.layer = layer;
        this.weights = weights;
        this.shift = shift;
        rows = workspace.memory().tensor(new Shape(1, 1, weights.panels(), kernels.panelWidth()));
    }

    /** A row for each panel, as last computed. */
    HostTensor rows() {
        return rows;
    }

    void compute() {
        for (int panel = 0; panel < weights.panels(); panel++) {
            int first = weights.firstOutput(panel);
            int count = weights.width(panel);
            if (shift == null) {
                System.arraycopy(layer.bias(), first, rows.data(), rows.at(panel), count);
            } else {
                kernels.add(
                        layer.bias(), first, shift.data(), shift.offset() + first, rows.data(), rows.at(panel), count);
            }
        }
    }
}
