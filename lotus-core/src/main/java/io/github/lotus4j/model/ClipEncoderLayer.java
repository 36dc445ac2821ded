package io.github.lotus4j.model;

import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Tensor;

/** One layer of the text encoder: causal self-attention and a perceptron, each normalised before and added. */
final class ClipEncoderLayer {
    private final int channels;
    private final int heads;
    private final Activation activation;
    private final Norm layerNorm1;
    private final Linear qkv; // q_proj ‖ k_proj ‖ v_proj
    private final Linear outProj;
    private final Norm layerNorm2;
    private final Linear fc1;
    private final Linear fc2;

    ClipEncoderLayer(Layers at, int channels, int inner, int heads, double eps, Activation activation) {
        this.channels = channels;
        this.heads = heads;
        this.activation = activation;
        layerNorm1 = at.layerNorm("layer_norm1", channels, eps);
        qkv = at.child("self_attn").stacked(channels, channels, true, "q_proj", "k_proj", "v_proj");
        outProj = at.child("self_attn").linear("out_proj", channels, channels);
        layerNorm2 = at.layerNorm("layer_norm2", channels, eps);
        fc1 = at.linear("mlp.fc1", channels, inner);
        fc2 = at.linear("mlp.fc2", inner, channels);
    }

    /** @param hidden [1, 1, tokens, C], updated in place */
    void forward(Tensor hidden, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor projected = frame.tensor(hidden.shape().withChannels(3 * channels)); // [1, 1, tokens, 3C]
            ops.linear(projected, layerNorm1.of(hidden), qkv);
            Tensor attended = frame.tensor(hidden.shape());
            Tensor q = projected.channels(0, channels);
            Tensor k = projected.channels(channels, channels);
            Tensor v = projected.channels(2 * channels, channels);
            ops.attention(attended, q, k, v, heads, true);
            ops.linear(hidden, Input.of(attended), outProj, Epilogue.plus(hidden));
        }
        try (Frame frame = ops.frame()) {
            Tensor inner = frame.tensor(hidden.shape().withChannels(fc1.outFeatures()));
            ops.linear(inner, layerNorm2.of(hidden), fc1);
            ops.linear(hidden, Input.of(inner).activated(activation), fc2, Epilogue.plus(hidden));
        }
    }
}
