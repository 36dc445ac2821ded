package io.github.lotus4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Gives a checkpoint's tensors the names that CompVis' latent diffusion code has for them, by the list of its blocks: {@code
 * openaimodel.py} and {@code model.py} of Stable Diffusion 2, read as they build their lists.
 */
public final class LdmCheckpoint {
    /** Where whole checkpoints of that code keep the UNet. */
    public static final String UNET = "model.diffusion_model.";

    /** Where they keep the VAE. */
    public static final String VAE = "first_stage_model.";

    private LdmCheckpoint() {}

    /** Renames the UNet and the VAE of a folder in the hub's layout, where they are. */
    public static void rename(Path folder) throws IOException {
        copy(folder.resolve("unet"), UNET, LdmCheckpoint::unet, folder.resolve("unet.safetensors"));
        copy(folder.resolve("vae"), VAE, LdmCheckpoint::vae, folder.resolve("vae.safetensors"));
        for (String each : new String[] {"unet", "vae"}) {
            Files.delete(weights(folder.resolve(each)));
            Files.move(folder.resolve(each + ".safetensors"), weights(folder.resolve(each)));
        }
    }

    private static Path weights(Path component) {
        return component.resolve("diffusion_pytorch_model.safetensors");
    }

    /** Adds a component's tensors, renamed. */
    public static void copy(Path component, String prefix, UnaryOperator<String> names, Path to) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(weights(component))) {
            file.tensors().forEach(tensor -> add(writer, prefix + names.apply(tensor.name()), tensor));
            writer.write(to);
        }
    }

    /** The VAE's attention has 1×1 convolutions there. */
    static void add(SafetensorsWriter writer, String name, Parameter tensor) {
        int[] shape = tensor.shape();
        boolean convolution = name.contains("attn_1.") && shape.length == 2;
        if (convolution) {
            int[] kernel = {shape[0], shape[1], 1, 1};
            writer.tensor(
                    name,
                    tensor.dtype(),
                    kernel,
                    (offset, piece) -> piece.copyFrom(tensor.data().asSlice(offset, piece.byteSize())));
        } else {
            writer.tensor(name, tensor);
        }
    }

    /** Of SD2: input blocks 0 to 11, of which 3, 6 and 9 halve the size; output blocks 0 to 11, 2, 5 and 8 also double it. */
    public static String unet(String name) {
        String[] words = name.split("\\.", -1);
        return switch (words[0]) {
            case "conv_in" -> "input_blocks.0.0." + words[1];
            case "conv_norm_out" -> "out.0." + words[1];
            case "conv_out" -> "out.2." + words[1];
            case "time_embedding" -> "time_embed." + (words[1].equals("linear_1") ? 0 : 2) + "." + words[2];
            case "class_embedding" -> "label_emb.0." + (words[1].equals("linear_1") ? 0 : 2) + "." + words[2];
            case "mid_block" -> "middle_block." + middle(words[1] + words[2]) + "." + within(name, words, 3);
            case "down_blocks" -> {
                int first = new int[] {1, 4, 7, 10}[Integer.parseInt(words[1])];
                yield words[2].equals("downsamplers")
                        ? "input_blocks." + (first + 2) + ".0.op." + words[5]
                        : "input_blocks." + (first + Integer.parseInt(words[3])) + place(words[2])
                                + within(name, words, 4);
            }
            case "up_blocks" -> {
                int level = Integer.parseInt(words[1]);
                int first = new int[] {0, 3, 6, 9}[level];
                yield words[2].equals("upsamplers")
                        ? "output_blocks." + (first + 2) + (level == 0 ? ".1.conv." : ".2.conv.") + words[5]
                        : "output_blocks." + (first + Integer.parseInt(words[3])) + place(words[2])
                                + within(name, words, 4);
            }
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int middle(String module) {
        return switch (module) {
            case "resnets0" -> 0;
            case "attentions0" -> 1;
            case "resnets1" -> 2;
            default -> throw new IllegalArgumentException(module);
        };
    }

    private static String place(String modules) {
        return modules.equals("resnets") ? ".0." : ".1.";
    }

    private static String within(String name, String[] words, int from) {
        if (name.contains(".attentions.")) {
            return String.join(".", List.of(words).subList(from, words.length));
        }
        String layer = switch (words[from]) {
            case "norm1" -> "in_layers.0";
            case "conv1" -> "in_layers.2";
            case "time_emb_proj" -> "emb_layers.1";
            case "norm2" -> "out_layers.0";
            case "conv2" -> "out_layers.3";
            case "conv_shortcut" -> "skip_connection";
            default -> throw new IllegalArgumentException(name);
        };
        return layer + "." + words[from + 1];
    }

    /** Of four levels, numbered by their size in both halves. */
    public static String vae(String name) {
        return name.replace("encoder.down_blocks.", "encoder.down.")
                .replace("decoder.up_blocks.0.", "decoder.up.3.")
                .replace("decoder.up_blocks.1.", "decoder.up.2.")
                .replace("decoder.up_blocks.2.", "decoder.up.1.")
                .replace("decoder.up_blocks.3.", "decoder.up.0.")
                .replace("downsamplers.0.conv", "downsample.conv")
                .replace("upsamplers.0.conv", "upsample.conv")
                .replace("mid_block.resnets.0", "mid.block_1")
                .replace("mid_block.resnets.1", "mid.block_2")
                .replace("mid_block.attentions.0.group_norm", "mid.attn_1.norm")
                .replace("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out")
                .replace("mid_block.attentions.0.to_", "mid.attn_1.")
                .replace(".resnets.", ".block.")
                .replace("conv_shortcut", "nin_shortcut")
                .replace("conv_norm_out", "norm_out");
    }
}
