package io.github.lotus4j.weights;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The original names of a UNet's modules, whose blocks are two lists: {@code input_blocks}, of which the first is the convolution, and
 * {@code output_blocks}. In each, a level has its layers in turn, then what halves or doubles the size: as a block of its own on the way
 * in, as the last part of the last layer's on the way out.
 */
final class LatentDiffusionUnet {
    /** A name that only such a UNet has, behind its prefix. */
    static final Pattern MARK = Pattern.compile("(|.*[./])(?:input_blocks|output_blocks)\\.\\d+\\.\\d+\\..*");

    private static final Pattern INPUT_BLOCK = Pattern.compile("input_blocks\\.(\\d{1,3})\\..*");

    private static final int USUAL_LAYERS = 2;

    private LatentDiffusionUnet() {}

    /**
     * By today's names; those of layers within a module follow {@code *.}.
     *
     * @param stored the names without their prefix, which tell how many levels and layers there are
     */
    static Map<String, String> originals(Set<String> stored) {
        Map<String, String> names = new HashMap<>(Map.of(
                "conv_in", "input_blocks.0.0",
                "time_embedding.linear_1", "time_embed.0",
                "time_embedding.linear_2", "time_embed.2",
                "class_embedding.linear_1", "label_emb.0.0",
                "class_embedding.linear_2", "label_emb.0.2",
                "mid_block.resnets.0", "middle_block.0",
                "mid_block.attentions.0", "middle_block.1",
                "mid_block.resnets.1", "middle_block.2",
                "conv_norm_out", "out.0",
                "conv_out", "out.2"));
        names.putAll(Map.of(
                "*.norm1", "*.in_layers.0",
                "*.conv1", "*.in_layers.2",
                "*.time_emb_proj", "*.emb_layers.1",
                "*.norm2", "*.out_layers.0",
                "*.conv2", "*.out_layers.3",
                "*.conv_shortcut", "*.skip_connection"));
        int blocks = inputBlocks(stored);
        int layers = layers(stored, blocks);
        int levels = Math.ceilDiv(blocks, layers + 1);
        for (int level = 0; level < levels; level++) {
            down(names, level, layers);
            up(names, level, layers + 1, stored);
        }
        return names;
    }

    /** Those of a level, before the first block that halves the size. */
    private static int layers(Set<String> stored, int blocks) {
        for (int block = 1; block < blocks; block++) {
            if (stored.contains("input_blocks." + block + ".0.op.weight")) {
                return block - 1;
            }
        }
        return USUAL_LAYERS;
    }

    /** No more than there are names, since each block would have some. */
    private static int inputBlocks(Set<String> stored) {
        int count = stored.stream()
                .map(INPUT_BLOCK::matcher)
                .filter(Matcher::matches)
                .mapToInt(found -> Integer.parseInt(found.group(1)) + 1)
                .max()
                .orElse(0);
        return Math.min(count, stored.size());
    }

    private static void down(Map<String, String> names, int level, int layers) {
        String today = "down_blocks." + level;
        int first = 1 + level * (layers + 1);
        for (int layer = 0; layer < layers; layer++) {
            String block = "input_blocks." + (first + layer);
            names.put(today + ".resnets." + layer, block + ".0");
            names.put(today + ".attentions." + layer, block + ".1");
        }
        names.put(today + ".downsamplers.0.conv", "input_blocks." + (first + layers) + ".0.op");
    }

    private static void up(Map<String, String> names, int level, int layers, Set<String> stored) {
        String today = "up_blocks." + level;
        String block = "";
        for (int layer = 0; layer < layers; layer++) {
            block = "output_blocks." + (level * layers + layer);
            names.put(today + ".resnets." + layer, block + ".0");
            names.put(today + ".attentions." + layer, block + ".1");
        }
        boolean attends = stored.contains(block + ".1.norm.weight");
        names.put(today + ".upsamplers.0.conv", block + (attends ? ".2.conv" : ".1.conv"));
    }
}
