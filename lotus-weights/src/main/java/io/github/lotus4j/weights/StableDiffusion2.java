package io.github.lotus4j.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The configs of Stable Diffusion 2, for weights that come without. Head counts and group counts leave no trace in the
 * shapes of tensors, so a config is never derived from shapes alone: either a few telling shapes are Stable Diffusion 2's
 * and its config is taken (the model then checks every other shape), or the weights are refused.
 */
final class StableDiffusion2 {
    private static final String UNET = """
            {"act_fn": "silu", "attention_head_dim": [5, 10, 20, 20], "block_out_channels": [320, 640, 1280, 1280],
             "center_input_sample": false, "cross_attention_dim": 1024, "downsample_padding": 1,
             "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
             "flip_sin_to_cos": true, "freq_shift": 0, "layers_per_block": 2, "mid_block_scale_factor": 1,
             "norm_eps": 1e-5, "norm_num_groups": 32, "out_channels": 4, "class_embed_type": "projection",
             "projection_class_embeddings_input_dim": 4, "transformer_layers_per_block": 1,
             "use_linear_projection": true}""";

    private static final String VAE = """
            {"act_fn": "silu", "block_out_channels": [128, 256, 512, 512], "in_channels": 3, "latent_channels": 4,
             "down_block_types":
                 ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"],
             "layers_per_block": 2, "norm_num_groups": 32, "out_channels": 3, "scaling_factor": 0.18215}""";

    private StableDiffusion2() {}

    /** The config of the component, whose {@code config.json} is absent. */
    static JsonConfig config(String component, Path absent, TensorTable tensors) {
        return switch (component) {
            case "unet" -> {
                requireShape(tensors, absent, "conv_out.weight", 4, 320, 3, 3);
                requireShape(tensors, absent, "mid_block.attentions.0.proj_in.weight", 1280, 1280);
                requireShape(
                        tensors,
                        absent,
                        "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
                        320,
                        1024);
                requireShape(tensors, absent, "class_embedding.linear_1.weight", 1280, 4);
                ObjectNode config = parse(UNET);
                tensors.find("conv_in.weight")
                        .filter(tensor -> tensor.shape().length == 4)
                        .ifPresent(tensor -> config.put("in_channels", tensor.shape()[1]));
                yield JsonConfig.of(absent, config);
            }
            case "vae" -> {
                requireShape(tensors, absent, "encoder.conv_in.weight", 128, 3, 3, 3);
                requireShape(tensors, absent, "decoder.conv_in.weight", 512, 4, 3, 3);
                requireShape(tensors, absent, "quant_conv.weight", 8, 8, 1, 1);
                yield JsonConfig.of(absent, parse(VAE));
            }
            default -> throw new CheckpointException("cannot read " + absent + ": it does not exist");
        };
    }

    private static void requireShape(TensorTable tensors, Path absent, String key, int... expected) {
        int[] found = tensors.find(key).map(StoredTensor::shape).orElse(null);
        if (found == null || !Shapes.agree(found, expected)) {
            throw new CheckpointException(absent
                    + " does not exist, and the weights are not Stable Diffusion 2's, whose"
                    + " config could stand in: " + tensors.called(key) + " is "
                    + (found == null ? "missing" : Arrays.toString(found)) + ", expected " + Arrays.toString(expected));
        }
    }

    private static ObjectNode parse(String text) {
        try {
            return (ObjectNode) Json.parse(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a constant", e);
        }
    }
}
