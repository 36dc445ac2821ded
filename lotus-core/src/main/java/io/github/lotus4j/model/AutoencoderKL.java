package io.github.lotus4j.model;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Component;
import io.github.lotus4j.weights.JsonConfig;
import java.util.ArrayList;
import java.util.List;

/** The variational autoencoder between images and latents. Kingma and Welling 2014; Rombach et al. 2022. */
public final class AutoencoderKL {
    private static final double NORM_EPS = 1e-6;
    private static final int IMAGE_CHANNELS = 3;

    private final int latentChannels;
    private final int lowestChannels;
    private final double scalingFactor;

    private final Conv2d encoderConvIn;
    private final List<VaeBlock> downBlocks = new ArrayList<>();
    private final VaeMidBlock encoderMidBlock;
    private final Norm encoderConvNormOut;
    private final Conv2d encoderConvOut;
    private final Conv2d quantConv;

    private final Conv2d postQuantConv;
    private final Conv2d decoderConvIn;
    private final VaeMidBlock decoderMidBlock;
    private final List<VaeBlock> upBlocks = new ArrayList<>();
    private final Norm decoderConvNormOut;
    private final Conv2d decoderConvOut;

    /** Declares the layers that {@code vae}'s config.json describes. */
    public AutoencoderKL(Component vae, PreparedWeights weights) {
        JsonConfig config = vae.config();
        config.require("act_fn", "silu");
        config.require("mid_block_add_attention", true);
        config.require("use_quant_conv", true);
        config.require("use_post_quant_conv", true);
        config.require("in_channels", IMAGE_CHANNELS);
        config.require("out_channels", IMAGE_CHANNELS);
        for (String absent : List.of("latents_mean", "latents_std", "shift_factor")) {
            config.requireAbsent(absent);
        }
        int[] channels = config.integers("block_out_channels", Layers.LEVELS, JsonConfig.SIZE);
        int levels = channels.length;
        config.allOf("down_block_types", levels, "DownEncoderBlock2D");
        config.allOf("up_block_types", levels, "UpDecoderBlock2D");
        int layers = config.integer("layers_per_block", 1, Layers.DEPTH);
        Layers.Groups groups = new Layers.Groups(config.integer("norm_num_groups", 32, JsonConfig.SIZE), NORM_EPS);
        config.requireDivides("norm_num_groups", groups.count(), "block_out_channels", channels);
        latentChannels = config.integer("latent_channels", 4, JsonConfig.SIZE);
        scalingFactor = config.number("scaling_factor", 0.18215, 1e-6, 1e6);
        lowestChannels = channels[levels - 1];

        Layers root = new Layers(vae.weights(), weights);
        Layers encoder = root.child("encoder");
        encoderConvIn = encoder.conv2d("conv_in", IMAGE_CHANNELS, channels[0], Window.SAME_3X3);
        for (int i = 0; i < levels; i++) {
            VaeBlock.Scaling scaling = i == levels - 1 ? VaeBlock.Scaling.NONE : VaeBlock.Scaling.HALF;
            int in = channels[Math.max(i - 1, 0)];
            downBlocks.add(new VaeBlock(encoder.child("down_blocks." + i), in, channels[i], layers, groups, scaling));
        }
        encoderMidBlock = new VaeMidBlock(encoder.child("mid_block"), lowestChannels, groups);
        encoderConvNormOut = encoder.groupNorm("conv_norm_out", lowestChannels, groups);
        encoderConvOut = encoder.conv2d("conv_out", lowestChannels, 2 * latentChannels, Window.SAME_3X3);
        quantConv = root.conv2d("quant_conv", 2 * latentChannels, 2 * latentChannels, Window.POINT);

        postQuantConv = root.conv2d("post_quant_conv", latentChannels, latentChannels, Window.POINT);
        Layers decoder = root.child("decoder");
        decoderConvIn = decoder.conv2d("conv_in", latentChannels, lowestChannels, Window.SAME_3X3);
        decoderMidBlock = new VaeMidBlock(decoder.child("mid_block"), lowestChannels, groups);
        for (int i = 0; i < levels; i++) {
            VaeBlock.Scaling scaling = i == levels - 1 ? VaeBlock.Scaling.NONE : VaeBlock.Scaling.TWICE;
            int in = channels[Math.min(levels - i, levels - 1)];
            int out = channels[levels - 1 - i];
            upBlocks.add(new VaeBlock(decoder.child("up_blocks." + i), in, out, layers + 1, groups, scaling));
        }
        decoderConvNormOut = decoder.groupNorm("conv_norm_out", channels[0], groups);
        decoderConvOut = decoder.conv2d("conv_out", channels[0], IMAGE_CHANNELS, Window.SAME_3X3);
    }

    /** What a latent's mean is multiplied by before the UNet sees it. */
    public double scalingFactor() {
        return scalingFactor;
    }

    /** Pixels that an image must have in both directions, so that a latent is left of it. */
    public int smallestSide() {
        return 1 << (downBlocks.size() - 1);
    }

    public int latentChannels() {
        return latentChannels;
    }

    /** @param rgb [N, H, W, 3] → [N, H/f, W/f, 2 · latentChannels] with f = 2^(levels-1), floored at each level */
    public Shape momentsShape(Shape rgb) {
        Shape shape = rgb;
        for (VaeBlock block : downBlocks) {
            shape = block.outShape(shape);
        }
        return shape.withChannels(2 * latentChannels);
    }

    /** @param latent [N, h, w, latentChannels] → [N, h·f, w·f, 3] */
    public Shape decodedShape(Shape latent) {
        Shape shape = latent;
        for (VaeBlock block : upBlocks) {
            shape = block.outShape(shape);
        }
        return shape.withChannels(IMAGE_CHANNELS);
    }

    /**
     * @param moments [N, h, w, 2 · latentChannels]: means, then logarithms of variances
     * @param rgb [N, H, W, 3] in [-1, 1]
     */
    public void encode(Tensor moments, Tensor rgb, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor hidden = frame.tensor(rgb.shape().withChannels(encoderConvIn.outChannels()));
            ops.conv2d(hidden, Input.of(rgb), encoderConvIn);
            ops.computed("vae/encoder.conv_in", hidden);
            for (VaeBlock block : downBlocks) {
                Tensor next = frame.tensor(block.outShape(hidden.shape()));
                block.forward(next, hidden, ops);
                hidden = next;
            }
            Tensor middle = frame.tensor(hidden.shape());
            encoderMidBlock.forward(middle, hidden, ops);
            ops.computed("vae/encoder.conv_norm_out", encoderConvNormOut.of(middle));
            Tensor unscaled = frame.tensor(moments.shape());
            ops.conv2d(unscaled, encoderConvNormOut.silu(middle), encoderConvOut);
            ops.conv2d(moments, Input.of(unscaled), quantConv);
        }
    }

    /**
     * @param rgb [N, h·f, w·f, 3], about [-1, 1]
     * @param latent [N, h, w, latentChannels], already divided by the scaling factor
     */
    public void decode(Tensor rgb, Tensor latent, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor quantized = frame.tensor(latent.shape());
            ops.conv2d(quantized, Input.of(latent), postQuantConv);
            ops.computed("vae/post_quant_conv", quantized);
            Shape last = decodedShape(latent.shape()).withChannels(decoderConvOut.inChannels());
            Tensor hidden = frame.tensor(last);
            up(upBlocks.size(), hidden, quantized, ops);
            ops.computed("vae/decoder.conv_norm_out", decoderConvNormOut.of(hidden));
            ops.conv2d(rgb, decoderConvNormOut.silu(hidden), decoderConvOut);
        }
    }

    /** Runs the decoder up to its first {@code blocks} blocks; each gives its input's memory back when it is done. */
    private void up(int blocks, Tensor out, Tensor quantized, Ops ops) {
        try (Frame frame = ops.frame()) {
            Shape shape = quantized.shape().withChannels(lowestChannels);
            for (VaeBlock block : upBlocks.subList(0, Math.max(blocks - 1, 0))) {
                shape = block.outShape(shape);
            }
            Tensor in = frame.tensor(shape);
            if (blocks > 0) {
                up(blocks - 1, in, quantized, ops);
                upBlocks.get(blocks - 1).forward(out, in, ops);
            } else {
                ops.conv2d(in, Input.of(quantized), decoderConvIn);
                ops.computed("vae/decoder.conv_in", in);
                decoderMidBlock.forward(out, in, ops);
            }
        }
    }
}
