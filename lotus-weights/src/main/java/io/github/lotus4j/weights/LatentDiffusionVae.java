package io.github.lotus4j.weights;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The original names of an autoencoder's modules, whose levels are numbered by their size: also the decoder's, which come in the other
 * order. Its attention is stored as 1×1 convolutions, [C, C, 1, 1].
 */
final class LatentDiffusionVae {
    /** A name that only such an autoencoder has, behind its prefix. */
    static final Pattern MARK = Pattern.compile("(|.*[./])(?:encoder|decoder)\\.mid\\.(?:block|attn)_\\d\\..*");

    private static final Pattern BLOCK =
            Pattern.compile("(?:encoder\\.down|decoder\\.up)\\.(\\d{1,2})\\.block\\.(\\d{1,2})\\..*");

    private LatentDiffusionVae() {}

    /**
     * By today's names; those of layers within a module follow {@code *.}.
     *
     * @param stored the names without their prefix, which tell how many levels and layers there are
     */
    static Map<String, String> originals(Set<String> stored) {
        Map<String, String> names = new HashMap<>(Map.of(
                "*.conv_shortcut", "*.nin_shortcut",
                "*.group_norm", "*.norm",
                "*.to_q", "*.q",
                "*.to_k", "*.k",
                "*.to_v", "*.v",
                "*.to_out.0", "*.proj_out"));
        for (String half : new String[] {"encoder", "decoder"}) {
            names.put(half + ".mid_block.resnets.0", half + ".mid.block_1");
            names.put(half + ".mid_block.attentions.0", half + ".mid.attn_1");
            names.put(half + ".mid_block.resnets.1", half + ".mid.block_2");
            names.put(half + ".conv_in", half + ".conv_in");
            names.put(half + ".conv_norm_out", half + ".norm_out");
            names.put(half + ".conv_out", half + ".conv_out");
        }
        names.put("quant_conv", "quant_conv");
        names.put("post_quant_conv", "post_quant_conv");
        int levels = count(stored, 1);
        int layers = count(stored, 2);
        for (int level = 0; level < levels; level++) {
            String down = "encoder.down_blocks." + level;
            String up = "decoder.up_blocks." + level;
            String originalDown = "encoder.down." + level;
            String originalUp = "decoder.up." + (levels - 1 - level);
            for (int layer = 0; layer < layers; layer++) {
                names.put(down + ".resnets." + layer, originalDown + ".block." + layer);
                names.put(up + ".resnets." + layer, originalUp + ".block." + layer);
            }
            names.put(down + ".downsamplers.0.conv", originalDown + ".downsample.conv");
            names.put(up + ".upsamplers.0.conv", originalUp + ".upsample.conv");
        }
        return names;
    }

    /** One more than the largest number in that place; no more than there are names, since each number would have some. */
    private static int count(Set<String> stored, int group) {
        int count = stored.stream()
                .map(BLOCK::matcher)
                .filter(Matcher::matches)
                .mapToInt(found -> Integer.parseInt(found.group(group)) + 1)
                .max()
                .orElse(0);
        return Math.min(count, stored.size());
    }
}
