package io.github.lotus4j.model;

import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.JsonConfig;
import java.util.Arrays;
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
        int classChannels,
        Layers.Groups groups,
        int downsamplePadding,
        TimeEmbedding.Sinusoids timeProj) {
    static final String CROSS_ATTENTION_DOWN = "CrossAttnDownBlock2D";
    static final String CROSS_ATTENTION_UP = "CrossAttnUpBlock2D";

    static UNetConfig read(JsonConfig config) {
        config.requireOneOf("act_fn", "silu");
        config.requireOneOf("class_embed_type", "projection");
        config.requireOneOf("time_embedding_type", "positional");
        config.requireOneOf("attention_type", "default");
        config.requireOneOf("resnet_time_scale_shift", "default");
        config.requireOneOf("mid_block_type", "UNetMidBlock2DCrossAttn");
        for (String flag : List.of(
                "center_input_sample",
                "class_embeddings_concat",
                "dual_cross_attention",
                "only_cross_attention",
                "resnet_skip_time_act")) {
            config.requireOneOf(flag, false);
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
            config.requireOneOf(absent);
        }
        for (String scale : List.of("mid_block_scale_factor", "resnet_out_scale_factor")) {
            config.requireOneOf(scale, 1.0);
        }
        config.requireOneOf("conv_in_kernel", 3);
        config.requireOneOf("conv_out_kernel", 3);
        int[] channels = config.ints("block_out_channels");
        int levels = channels.length;
        // by an old mistake in the format, attention_head_dim is the number of heads unless the right key is there
        String headsKey = config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        return new UNetConfig(
                config.integer("in_channels", 4),
                config.integer("out_channels", 4),
                channels,
                config.integer("layers_per_block", 2),
                config.has(headsKey) ? config.ints(headsKey, levels) : filled(levels, 8),
                config.has("transformer_layers_per_block")
                        ? config.ints("transformer_layers_per_block", levels)
                        : filled(levels, 1),
                blockTypes(config, "down_block_types", levels, CROSS_ATTENTION_DOWN, "DownBlock2D"),
                blockTypes(config, "up_block_types", levels, CROSS_ATTENTION_UP, "UpBlock2D"),
                config.integer("cross_attention_dim", 1280),
                config.integer("projection_class_embeddings_input_dim"),
                new Layers.Groups(config.integer("norm_num_groups", 32), config.number("norm_eps", 1e-5)),
                config.integer("downsample_padding", 1),
                new TimeEmbedding.Sinusoids(
                        channels[0], config.bool("flip_sin_to_cos", true), config.number("freq_shift", 0)));
    }

    private static int[] filled(int count, int value) {
        int[] values = new int[count];
        Arrays.fill(values, value);
        return values;
    }

    /** The types of the blocks, one a level, each of which must be built here. */
    static List<String> blockTypes(JsonConfig config, String key, int levels, String... built) {
        List<String> types = config.strings(key);
        if (types.size() != levels || !Arrays.asList(built).containsAll(types)) {
            throw new CheckpointException("%s: %s is %s, expected %d of %s, all that is supported"
                    .formatted(config.source(), key, types, levels, Arrays.toString(built)));
        }
        return types;
    }

    int levels() {
        return channels.length;
    }

    int timeChannels() {
        return 4 * channels[0];
    }
}
