package io.github.lotus4j.model;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Tensor;
import java.util.List;

/** The lowest point (UNetMidBlock2DCrossAttn): residual block, transformer, residual block. */
final class UNetMidBlock {
    private final String path;
    private final UNetStage stage0; // resnets.0 and attentions.0
    private final UNetStage stage1; // resnets.1

    UNetMidBlock(Layers at, PreparedWeights once, UNetConfig config) {
        path = at.path();
        int level = config.levels() - 1;
        int channels = config.channels()[level];
        stage0 = new UNetStage(at, once, 0, channels, channels, true, level, config);
        stage1 = new UNetStage(at, once, 1, channels, channels, false, level, config);
    }

    List<UNetStage> stages() {
        return List.of(stage0, stage1);
    }

    void forward(Tensor out, Tensor in, Conditioning conditioning, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(in.shape());
            stage0.forward(hidden, Input.of(in), conditioning, ops);
            stage1.forward(out, Input.of(hidden), conditioning, ops);
        }
        ops.computed(path, out);
    }
}
