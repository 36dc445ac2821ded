package io.github.lotus4j.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A component's tensors by key, and a memory of which were asked for and which of those could not be given. */
final class TensorTable {
    /** What older files call the projections of the VAE's attention. */
    private static final Pattern OLD_ATTENTION =
            Pattern.compile("(.*attentions\\.\\d+\\.)(query|key|value|proj_attn)(\\.(?:weight|bias))");

    private static final Map<String, String> NEW_ATTENTION =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    /** A buffer that CLIP files of some versions hold; not a weight. */
    private static final String POSITION_IDS = "text_model.embeddings.position_ids";

    private final String component;
    private final String where;
    private final Optional<LatentDiffusionNames> originals;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final Set<String> unusable = new LinkedHashSet<>();

    /**
     * @param where the file or folder a missing tensor should have been in
     * @param stored under their keys within the component, or under their original names
     */
    TensorTable(String component, Path where, Collection<StoredTensor> stored) {
        this.component = component;
        this.where = where.toString();
        originals = LatentDiffusionNames.of(
                component, stored.stream().map(StoredTensor::name).toList());
        for (StoredTensor tensor : stored) {
            today(tensor).ifPresent(this::add);
        }
        for (StoredTensor tensor : stored) {
            String current = currentName(tensor.name());
            if (!current.equals(tensor.name()) && tensors.putIfAbsent(current, tensor) == null) {
                tensors.remove(tensor.name());
            }
        }
    }

    private Optional<StoredTensor> today(StoredTensor tensor) {
        return originals.isEmpty()
                ? Optional.of(tensor)
                : originals.get().today(tensor.name()).map(name -> tensor.as(name, tensor.shape()));
    }

    private void add(StoredTensor tensor) {
        StoredTensor before = tensors.put(tensor.name(), tensor);
        if (before != null) {
            throw new CheckpointException(
                    "tensor " + tensor.name() + " is both in " + before.file() + " and in " + tensor.file());
        }
    }

    private static String currentName(String key) {
        var old = OLD_ATTENTION.matcher(key);
        return old.matches() ? old.group(1) + NEW_ATTENTION.get(old.group(2)) + old.group(3) : key;
    }

    String component() {
        return component;
    }

    /** The key for a message, with the name that the file has for it, where that is another. */
    String called(String key) {
        String there = originals
                .flatMap(names -> names.original(key))
                .filter(original -> !original.equals(key))
                .map(original -> " (there " + original + ")")
                .orElse("");
        return component + "/" + key + there;
    }

    Map<String, StoredTensor> all() {
        return tensors;
    }

    Optional<StoredTensor> find(String key) {
        return Optional.ofNullable(tensors.get(currentName(key)));
    }

    synchronized Parameter parameter(String key, int[] expected) {
        String name = component + "/" + key;
        asked.add(currentName(key));
        StoredTensor tensor = tensors.get(currentName(key));
        if (tensor == null) {
            String problem = "missing: " + called(key) + ", expected " + Arrays.toString(expected) + " in " + where;
            missing.add(problem);
            return new AbsentParameter(name, expected.clone(), problem);
        }
        String fault = fault(tensor, expected);
        if (fault != null) {
            String problem = fault + " (in " + tensor.file() + ")";
            unusable.add(problem);
            return new AbsentParameter(name, expected.clone(), problem);
        }
        return tensor.as(name, expected);
    }

    private @Nullable String fault(StoredTensor tensor, int[] expected) {
        String name = called(tensor.name());
        if (!Shapes.agree(tensor.shape(), expected)) {
            return "mis-shaped: " + name + " is " + Arrays.toString(tensor.shape()) + ", expected "
                    + Arrays.toString(expected);
        }
        if (!tensor.dtype().convertible()) {
            return "mis-stored: " + name + " is " + tensor.dtype() + ", expected F32, F16, BF16 or F64";
        }
        return null;
    }

    /** What has been asked for and is not there, or not as asked, and what is there and has not been asked for. */
    synchronized List<String> problems() {
        List<String> surplus = new ArrayList<>();
        tensors.forEach((key, tensor) -> {
            if (!asked.contains(key) && !key.equals(POSITION_IDS)) {
                surplus.add("surplus: " + called(tensor.name()) + " " + Arrays.toString(tensor.shape())
                        + " is no part of the model (in " + tensor.file() + ")");
            }
        });
        List<String> problems = new ArrayList<>();
        problems.addAll(CheckpointException.capped(missing, "missing"));
        problems.addAll(CheckpointException.capped(unusable, "mis-shaped or mis-stored"));
        problems.addAll(CheckpointException.capped(surplus, "surplus"));
        return problems;
    }
}
