package io.github.lotus4j.model;

import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Transformer blocks over the pixels of a feature map, with a projection before and after. Rombach et al. 2022. */
final class Transformer2DModel {
    private static final double NORM_EPS = 1e-6;

    private final String path;
    private final Norm norm;
    private final Linear projIn;
    private final List<BasicTransformerBlock> transformerBlocks = new ArrayList<>();
    private final Linear projOut;

    Transformer2DModel(
            Layers at, PreparedWeights once, int channels, int heads, int depth, int promptChannels, int groups) {
        path = at.path();
        norm = at.groupNorm("norm", channels, new Layers.Groups(groups, NORM_EPS));
        projIn = at.linear("proj_in", channels, channels);
        for (int i = 0; i < depth; i++) {
            Layers block = at.child("transformer_blocks." + i);
            transformerBlocks.add(new BasicTransformerBlock(block, once, channels, heads, promptChannels));
        }
        projOut = at.linear("proj_out", channels, channels);
    }

    void prompt(Tensor embeds, Ops ops) {
        transformerBlocks.forEach(block -> block.prompt(embeds, ops));
    }

    /** @param in [N, H, W, C] → out, the same */
    void forward(Tensor out, Tensor in, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(in.shape());
            ops.linear(hidden, norm.of(in), projIn);
            for (BasicTransformerBlock block : transformerBlocks) {
                block.forward(hidden, ops);
            }
            ops.linear(out, Input.of(hidden), projOut, Epilogue.plus(in));
        }
        ops.computed(path, out);
    }
}
