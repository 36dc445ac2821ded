package io.github.lotus4j.weights;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Of a repository's files, those that a checkpoint needs. */
final class NeededFiles {
    private static final List<String> NETWORKS = List.of("unet", "vae", "text_encoder");

    /** Small ones, which the Python pipelines read as well. */
    private static final Pattern DESCRIPTION = Pattern.compile(
            "model_index\\.json|(?:unet|vae|text_encoder)/config\\.json|(?:scheduler|tokenizer)/[^/]+\\.(?:json|txt)");

    private final Set<String> files;

    private NeededFiles(Collection<String> files) {
        this.files = new TreeSet<>(files);
    }

    static List<String> of(Collection<String> files, boolean fp16) {
        return new NeededFiles(files).choose(fp16);
    }

    private List<String> choose(boolean fp16) {
        List<String> needed = new ArrayList<>(
                files.stream().filter(DESCRIPTION.asMatchPredicate()).toList());
        boolean halved = false;
        for (String network : NETWORKS) {
            Optional<String> half = entry(network, true);
            Optional<String> full = entry(network, false);
            Optional<String> entry = fp16 ? half.or(() -> full) : full.or(() -> half);
            String chosen = entry.orElseThrow(() -> none(network));
            needed.add(chosen);
            if (chosen.endsWith(".json")) {
                needed.addAll(shards(network, half.equals(entry)));
            }
            halved |= half.isPresent();
        }
        if (fp16 && !halved) {
            throw new CheckpointException(
                    "there are no fp16 variants of the weights, expected *.fp16.safetensors; found "
                            + needed.stream()
                                    .filter(file -> file.endsWith(".safetensors"))
                                    .toList());
        }
        return List.copyOf(needed);
    }

    private Optional<String> entry(String network, boolean half) {
        return WeightFiles.names(half)
                .map(name -> network + "/" + name)
                .filter(files::contains)
                .findFirst();
    }

    /** As saved in pieces: {@code model-00001-of-00002.safetensors}, with the variant before or behind the count. */
    private List<String> shards(String network, boolean half) {
        String variant = half ? "(?:\\.fp16-\\d+-of-\\d+|-\\d+-of-\\d+\\.fp16)" : "-\\d+-of-\\d+";
        Pattern shard = Pattern.compile(network + "/(?:diffusion_pytorch_)?model" + variant + "\\.safetensors");
        return files.stream().filter(shard.asMatchPredicate()).toList();
    }

    private CheckpointException none(String network) {
        Stream<String> there = files.stream().filter(file -> file.startsWith(network + "/"));
        String found = there.collect(Collectors.joining(", "));
        return new CheckpointException(network + "/ holds no weights in safetensors files, found "
                + (found.isEmpty()
                        ? "no such folder: a checkpoint in the hub's layout has unet/, vae/ and text_encoder/"
                        : found));
    }
}
