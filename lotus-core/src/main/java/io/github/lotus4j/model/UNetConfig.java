package io.github.lotus4j.model;

import io.github.lotus4j.weights.JsonConfig;
import java.util.List;

/** What a UNet's config.json says, checked: whatever asks for something that is not built here is refused by name. */
record UNetConfig(
        int inChannels,
        int outChannels,
        int[] channels,
        int layers,
        int[] heads,
        int[] transformerLayers,
        List<String> downBlocks,
        List<String> upBlocks,
        int promptChannels,
        Layers.Groups groups,
        TimeEmbedding.Sinusoids timeProj) {
    static final String CROSS_ATTENTION_DOWN = "CrossAttnDownBlock2D";
    static final String CROSS_ATTENTION_UP = "CrossAttnUpBlock2D";

    static UNetConfig read(JsonConfig config) {
        config.require("act_fn", "silu");
        config.require("class_embed_type", "projection");
        config.require("time_embedding_type", "positional");
        config.require("attention_type", "default");
        config.require("resnet_time_scale_shift", "default");
        config.require("mid_block_type", "UNetMidBlock2DCrossAttn");
        for (String flag : List.of(
                "center_input_sample",
                "class_embeddings_concat",
                "dual_cross_attention",
                "only_cross_attention",
                "resnet_skip_time_act")) {
            config.require(flag, false);
        }
        for (String absent : List.of(
                "addition_embed_type",
                "cross_attention_norm",
                "encoder_hid_dim",
                "encoder_hid_dim_type",
                "mid_block_only_cross_attention",
                "reverse_transformer_layers_per_block",
                "time_cond_proj_dim",
                "time_embedding_act_fn",
                "time_embedding_dim",
                "timestep_post_act")) {
            config.requireAbsent(absent);
        }
        for (String scale : List.of("mid_block_scale_factor", "resnet_out_scale_factor")) {
            config.require(scale, 1);
        }
        config.require("projection_class_embeddings_input_dim", Task.CLASS_LABELS);
        config.require("downsample_padding", 1);
        config.require("conv_in_kernel", 3);
        config.require("conv_out_kernel", 3);
        int[] channels = config.integers("block_out_channels", Layers.LEVELS, JsonConfig.SIZE);
        int levels = channels.length;
        // by an old mistake in the format, attention_head_dim is the number of heads unless the right key is there
        String headsKey = config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        List<String> downBlocks = config.allOf("down_block_types", levels, CROSS_ATTENTION_DOWN, "DownBlock2D");
        List<String> upBlocks = config.allOf("up_block_types", levels, CROSS_ATTENTION_UP, "UpBlock2D");
        int[] heads = config.integers(headsKey, levels, 8, JsonConfig.SIZE);
        for (int i = 0; i < levels; i++) {
            boolean lowest = i == levels - 1; // where the middle block attends, too
            if (lowest
                    || downBlocks.get(i).equals(CROSS_ATTENTION_DOWN)
                    || upBlocks.get(levels - 1 - i).equals(CROSS_ATTENTION_UP)) {
                config.requireDivides(headsKey, heads[i], "block_out_channels", channels[i]);
            }
        }
        int groups = config.integer("norm_num_groups", 32, JsonConfig.SIZE);
        config.requireDivides("norm_num_groups", groups, "block_out_channels", channels);
        return new UNetConfig(
                config.integer("in_channels", 4, JsonConfig.SIZE),
                config.integer("out_channels", 4, JsonConfig.SIZE),
                channels,
                config.integer("layers_per_block", 2, Layers.DEPTH),
                heads,
                config.integers("transformer_layers_per_block", levels, 1, Layers.DEPTH),
                downBlocks,
                upBlocks,
                config.integer("cross_attention_dim", JsonConfig.SIZE),
                new Layers.Groups(groups, Layers.eps(config, "norm_eps", 1e-5)),
                new TimeEmbedding.Sinusoids(
                        channels[0], config.flag("flip_sin_to_cos", true), config.number("freq_shift", 0, 0, 1)));
    }

    int levels() {
        return channels.length;
    }

    int timeChannels() {
        return 4 * channels[0];
    }
}
