package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The weights in a component's folder: one file, or the shards that an index names. */
record WeightFiles(List<Path> paths, List<StoredTensor> tensors) {
    /** What diffusers and transformers call a whole file or an index, in full precision. */
    private static final List<String> FULL = List.of(".safetensors", ".safetensors.index.json");

    /** The same in half precision; where indices put the variant has changed over the years. */
    private static final List<String> HALF = List.of(
            ".fp16.safetensors",
            ".safetensors.index.fp16.json",
            ".safetensors.fp16.index.json",
            ".fp16.safetensors.index.json");

    private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");

    static boolean existIn(Path place) {
        return entry(place).isPresent();
    }

    static WeightFiles in(Path place, OpenFiles open) {
        return entry(place)
                .map(path -> path.toString().endsWith(".json") ? sharded(path, open) : whole(path, open))
                .orElseThrow(() -> none(place));
    }

    /** The whole file, or the index; full precision first. */
    private static Optional<Path> entry(Path place) {
        return Stream.concat(names(false), names(true))
                .map(place::resolve)
                .filter(Files::exists)
                .findFirst();
    }

    /** What a whole file or an index may be called, in full or half precision, those to take first at the front. */
    static Stream<String> names(boolean half) {
        return (half ? HALF : FULL).stream().flatMap(ending -> STEMS.stream().map(stem -> stem + ending));
    }

    private static CheckpointException none(Path place) {
        return new CheckpointException(place + " has no weights, expected " + STEMS.getFirst() + ".safetensors, "
                + STEMS.getLast() + ".safetensors, their .fp16 variants or an index of shards; it holds "
                + listing(place));
    }

    private static WeightFiles whole(Path path, OpenFiles open) {
        return new WeightFiles(List.of(path), open.open(path).stored());
    }

    private static WeightFiles sharded(Path index, OpenFiles open) {
        JsonNode map = Json.read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new CheckpointException(
                    index + ": weight_map is " + Json.kind(map) + ", expected tensors and their files");
        }
        Map<String, Set<String>> promised = new TreeMap<>(); // tensors by shard
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = shard(index, entry.getKey(), entry.getValue());
            promised.computeIfAbsent(shard, s -> new TreeSet<>()).add(entry.getKey());
        }
        List<Path> paths = new ArrayList<>();
        List<StoredTensor> tensors = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        promised.forEach((shard, keys) -> {
            Path path = index.resolveSibling(shard);
            if (!Files.exists(path)) {
                faults.add("shard " + shard + " does not exist; it should hold " + keys.size() + " tensors");
                return;
            }
            paths.add(path);
            Set<String> awaited = new TreeSet<>(keys);
            for (StoredTensor tensor : open.open(path).stored()) {
                if (!awaited.remove(tensor.name())) {
                    faults.add("tensor " + tensor.name() + " is in " + shard + ", though the index does not say so");
                }
                tensors.add(tensor);
            }
            awaited.forEach(key -> faults.add("tensor " + key + " is not in " + shard + ", where the index has it"));
        });
        if (!faults.isEmpty()) {
            throw CheckpointException.listing(
                    index + " does not fit its shards", CheckpointException.capped(faults, "faults"));
        }
        return new WeightFiles(List.copyOf(paths), List.copyOf(tensors));
    }

    /** A shard lies beside its index: a name that leads anywhere else is refused. */
    private static String shard(Path index, String key, JsonNode node) {
        String name = node.asText();
        boolean plain = name.endsWith(".safetensors") && name.indexOf('\0') < 0;
        if (!node.isTextual() || !plain || name.contains("/") || name.contains("\\") || name.contains(":")) {
            throw new CheckpointException(index + ": " + key + " is said to be in " + node
                    + ", expected the name of a .safetensors file beside the index");
        }
        return name;
    }

    private static String listing(Path place) {
        try (Stream<Path> entries = Files.list(place)) {
            List<String> names = entries.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
            if (names.stream().anyMatch(name -> name.endsWith(".bin") || name.endsWith(".ckpt"))) {
                return names + " (PyTorch's own formats can run code and are not read; convert to safetensors)";
            }
            return names.isEmpty() ? "nothing" : names.toString();
        } catch (IOException e) {
            throw CheckpointException.unreadable(place, e);
        }
    }
}
