package io.github.lotus4j.model;

import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.weights.Component;
import io.github.lotus4j.weights.JsonConfig;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.List;

/** CLIP's text encoder, run once a checkpoint for the empty prompt. Radford et al. 2021. */
public final class CLIPTextModel {
    private final int hiddenSize;
    private final int vocabulary;
    private final int positions;
    private final Parameter tokenEmbedding;
    private final Parameter positionEmbedding;
    private final List<ClipEncoderLayer> layers = new ArrayList<>();
    private final Norm finalLayerNorm;

    /** Declares the layers that {@code textEncoder}'s config.json describes; its file must be open until the forward pass. */
    public CLIPTextModel(Component textEncoder, PreparedWeights weights) {
        JsonConfig config = textEncoder.config();
        hiddenSize = config.integer("hidden_size", JsonConfig.SIZE);
        vocabulary = config.integer("vocab_size", JsonConfig.SIZE);
        positions = config.integer("max_position_embeddings", 77, JsonConfig.SIZE);
        int heads = config.integer("num_attention_heads", JsonConfig.SIZE);
        config.requireDivides("num_attention_heads", heads, "hidden_size", hiddenSize);
        int inner = config.integer("intermediate_size", JsonConfig.SIZE);
        double eps = Layers.eps(config, "layer_norm_eps", 1e-5);
        String hiddenAct = config.oneOf("hidden_act", "quick_gelu", "gelu", "quick_gelu");
        Activation activation = hiddenAct.equals("gelu") ? Activation.GELU : Activation.QUICK_GELU;

        Layers model = new Layers(textEncoder.weights(), weights).child("text_model");
        tokenEmbedding = model.weights().parameter("embeddings.token_embedding.weight", vocabulary, hiddenSize);
        positionEmbedding = model.weights().parameter("embeddings.position_embedding.weight", positions, hiddenSize);
        int depth = config.integer("num_hidden_layers", Layers.DEPTH);
        for (int i = 0; i < depth; i++) {
            Layers at = model.child("encoder.layers." + i);
            layers.add(new ClipEncoderLayer(at, hiddenSize, inner, heads, eps, activation));
        }
        finalLayerNorm = model.layerNorm("final_layer_norm", hiddenSize, eps);
    }

    public int hiddenSize() {
        return hiddenSize;
    }

    /** @param out [1, 1, tokens, hiddenSize], the last hidden state */
    public void forward(Tensor out, int[] tokens, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(out.shape());
            ops.upload(hidden, embed(tokens));
            layers.forEach(layer -> layer.forward(hidden, ops));
            ops.copy(out, finalLayerNorm.of(hidden));
        }
    }

    private float[] embed(int[] tokens) {
        if (tokens.length > positions) {
            throw new IllegalArgumentException("prompt: found " + tokens.length + " tokens, at most " + positions);
        }
        float[] embedded = new float[tokens.length * hiddenSize];
        float[] position = new float[hiddenSize];
        for (int t = 0; t < tokens.length; t++) {
            if (tokens[t] < 0 || tokens[t] >= vocabulary) {
                throw new IllegalArgumentException(
                        "prompt: found token " + tokens[t] + ", the vocabulary has " + vocabulary);
            }
            tokenEmbedding.toFloats((long) tokens[t] * hiddenSize, embedded, t * hiddenSize, hiddenSize);
            positionEmbedding.toFloats((long) t * hiddenSize, position, 0, hiddenSize);
            for (int c = 0; c < hiddenSize; c++) {
                embedded[t * hiddenSize + c] += position[c];
            }
        }
        return embedded;
    }
}
