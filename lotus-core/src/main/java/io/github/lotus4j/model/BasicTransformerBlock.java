package io.github.lotus4j.model;

import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import org.jspecify.annotations.Nullable;

/** Self-attention, attention to the prompt, feed-forward with GEGLU; each normalised before and added to the stream. */
final class BasicTransformerBlock {
    private static final double NORM_EPS = 1e-5;

    private final String path;
    private final int channels;
    private final int heads;
    private final PreparedWeights prepared;

    private final Norm norm1;
    private final Linear attn1Qkv; // to_q ‖ to_k ‖ to_v
    private final Linear attn1Out;
    private final Norm norm2;
    private final Linear attn2Query;
    private final Linear attn2KeyValue; // to_k ‖ to_v, used once
    private final Linear attn2Out;
    private final Norm norm3;
    private final Linear ffProj;
    private final Linear ffOut;

    private @Nullable Tensor promptKeyValue; // [1, 1, tokens, 2C]

    BasicTransformerBlock(Layers at, PreparedWeights once, int channels, int heads, int promptChannels) {
        path = at.path();
        this.channels = channels;
        this.heads = heads;
        prepared = at.prepared();
        norm1 = at.layerNorm("norm1", channels, NORM_EPS);
        attn1Qkv = at.child("attn1").stacked(channels, channels, false, "to_q", "to_k", "to_v");
        attn1Out = at.child("attn1").linear("to_out.0", channels, channels);
        norm2 = at.layerNorm("norm2", channels, NORM_EPS);
        attn2Query = at.child("attn2").stacked(channels, channels, false, "to_q");
        attn2KeyValue =
                new Layers(at.weights(), once).child("attn2").stacked(promptChannels, channels, false, "to_k", "to_v");
        attn2Out = at.child("attn2").linear("to_out.0", channels, channels);
        norm3 = at.layerNorm("norm3", channels, NORM_EPS);
        ffProj = at.geglu("ff.net.0.proj", channels, 4 * channels);
        ffOut = at.linear("ff.net.2", 4 * channels, channels);
    }

    /** The prompt never changes, so its keys and values are constants of the checkpoint. */
    void prompt(Tensor embeds, Ops ops) {
        Shape shape = embeds.shape().withChannels(2 * channels);
        try (Frame frame = ops.frame()) {
            Tensor keyValue = frame.tensor(shape);
            ops.linear(keyValue, Input.of(embeds), attn2KeyValue);
            promptKeyValue = prepared.constant(shape, ops.download(keyValue));
        }
    }

    /** @param hidden [N, H, W, C], updated in place */
    void forward(Tensor hidden, Ops ops) {
        ops.computed(path + ".input", hidden);
        selfAttention(hidden, ops);
        ops.computed(path + ".attn1", hidden);
        promptAttention(hidden, ops);
        ops.computed(path + ".attn2", hidden);
        feedForward(hidden, ops);
        ops.computed(path + ".ff", hidden);
    }

    private void selfAttention(Tensor hidden, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor qkv = frame.tensor(hidden.shape().withChannels(3 * channels)); // [N, H, W, 3C]
            ops.linear(qkv, norm1.of(hidden), attn1Qkv);
            Tensor attended = frame.tensor(hidden.shape());
            Tensor q = qkv.channels(0, channels);
            Tensor k = qkv.channels(channels, channels);
            Tensor v = qkv.channels(2 * channels, channels);
            ops.attention(attended, q, k, v, heads, false);
            ops.linear(hidden, Input.of(attended), attn1Out, Epilogue.plus(hidden));
        }
    }

    private void promptAttention(Tensor hidden, Ops ops) {
        if (promptKeyValue == null) {
            throw new IllegalStateException(path + ": the prompt has not been set");
        }
        try (Frame frame = ops.frame()) {
            Tensor q = frame.tensor(hidden.shape());
            ops.linear(q, norm2.of(hidden), attn2Query);
            Tensor attended = frame.tensor(hidden.shape());
            Tensor k = promptKeyValue.channels(0, channels);
            Tensor v = promptKeyValue.channels(channels, channels);
            ops.attention(attended, q, k, v, heads, false);
            ops.linear(hidden, Input.of(attended), attn2Out, Epilogue.plus(hidden));
        }
    }

    private void feedForward(Tensor hidden, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor inner = frame.tensor(hidden.shape().withChannels(4 * channels)); // [N, H, W, 4C]
            ops.geglu(inner, norm3.of(hidden), ffProj);
            ops.linear(hidden, Input.of(inner), ffOut, Epilogue.plus(hidden));
        }
    }
}
