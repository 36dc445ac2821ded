package io.github.lotus4j.model;

import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Tensor;

/** The VAE's self-attention over all pixels, one head as wide as the channels. Esser et al. 2021. */
final class AttentionBlock {
    private final String path;
    private final int channels;
    private final Norm groupNorm;
    private final Linear qkv; // to_q ‖ to_k ‖ to_v
    private final Linear toOut;

    AttentionBlock(Layers at, int channels, Layers.Groups groups) {
        path = at.path();
        this.channels = channels;
        groupNorm = at.groupNorm("group_norm", channels, groups);
        qkv = at.stacked(channels, channels, true, "to_q", "to_k", "to_v");
        toOut = at.linear("to_out.0", channels, channels);
    }

    /** @param in [N, H, W, C] → out, the same */
    void forward(Tensor out, Tensor in, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor projected = frame.tensor(in.shape().withChannels(3 * channels)); // [N, H, W, 3C]
            ops.linear(projected, groupNorm.of(in), qkv);
            Tensor attended = frame.tensor(in.shape());
            Tensor q = projected.channels(0, channels);
            Tensor k = projected.channels(channels, channels);
            Tensor v = projected.channels(2 * channels, channels);
            ops.attention(attended, q, k, v, 1, false);
            ops.linear(out, Input.of(attended), toOut, Epilogue.plus(in));
        }
        ops.computed(path, out);
    }
}
