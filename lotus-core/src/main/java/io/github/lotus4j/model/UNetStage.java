package io.github.lotus4j.model;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual block and, in the blocks that look at the prompt, the transformer behind it. */
final class UNetStage {
    private final ResnetBlock2D resnet;
    private final @Nullable Transformer2DModel attention;

    /**
     * @param at the block that holds {@code resnets.index} and {@code attentions.index}
     * @param level whose heads and depth the transformer takes
     */
    UNetStage(
            Layers at,
            PreparedWeights once,
            int index,
            int in,
            int out,
            boolean attends,
            int level,
            UNetConfig config) {
        resnet = new ResnetBlock2D(at.child("resnets." + index), in, out, config.groups(), config.timeChannels());
        attention = attends
                ? new Transformer2DModel(
                        at.child("attentions." + index),
                        once,
                        out,
                        config.heads()[level],
                        config.transformerLayers()[level],
                        config.promptChannels(),
                        config.groups().count())
                : null;
    }

    ResnetBlock2D resnet() {
        return resnet;
    }

    void prompt(Tensor embeds, Ops ops) {
        if (attention != null) {
            attention.prompt(embeds, ops);
        }
    }

    /** @param in [N, H, W, Ci] → out [N, H, W, Co] */
    void forward(Tensor out, Input in, Conditioning conditioning, Ops ops) {
        Tensor shift = conditioning.shift(resnet);
        if (attention == null) {
            resnet.forward(out, in, shift, ops);
            return;
        }
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(out.shape());
            resnet.forward(hidden, in, shift, ops);
            attention.forward(out, hidden, ops);
        }
    }
}
