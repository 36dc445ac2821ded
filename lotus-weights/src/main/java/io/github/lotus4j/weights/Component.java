package io.github.lotus4j.weights;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One network of a checkpoint: {@code unet}, {@code vae} or {@code text_encoder}. Valid until its checkpoint is closed. */
public final class Component {
    private final String name;
    private final JsonConfig config;
    private final List<Path> files;
    private final TensorTable tensors;

    Component(String name, JsonConfig config, List<Path> files, TensorTable tensors) {
        this.name = name;
        this.config = config;
        this.files = List.copyOf(files);
        this.tensors = tensors;
    }

    public String name() {
        return name;
    }

    public JsonConfig config() {
        return config;
    }

    /** The root of the tree of names. */
    public ModuleWeights weights() {
        return new ModuleWeights(tensors);
    }

    /** The safetensors files the tensors are in. */
    public List<Path> files() {
        return files;
    }

    /** Every tensor by its key, in today's spelling, in the order of the files. */
    public Map<String, Parameter> tensors() {
        return Collections.unmodifiableMap(tensors.all());
    }

    /** The tensor of that key, whatever its shape and type. Asking does not count as using it. */
    public Optional<Parameter> find(String key) {
        return tensors.find(key).map(tensor -> tensor);
    }

    /** How many elements are stored in each type. */
    public Map<DType, Long> elementsByType() {
        Map<DType, Long> elements = new EnumMap<>(DType.class);
        for (Parameter tensor : tensors.all().values()) {
            elements.merge(tensor.dtype(), tensor.elements(), Long::sum);
        }
        return elements;
    }

    /** The bytes of all tensors. */
    public long bytes() {
        return tensors.all().values().stream()
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
    }

    /** Whether the other is the same network: equal configs, and the same tensors, bit for bit. */
    public boolean sameAs(Component other) {
        return config.sameAs(other.config)
                && tensors.all().keySet().equals(other.tensors.all().keySet())
                && tensors.all().values().stream()
                        .allMatch(each ->
                                each.sameAs(other.tensors.find(each.name()).orElseThrow()));
    }

    /**
     * What a model built on {@link #weights()} found wrong, a line each: tensors that are missing, of another shape or
     * type, or left over; of each sort the first few, and how many more. Empty if nothing is wrong. Meaningful once the
     * whole model has asked for its parameters.
     */
    public List<String> problems() {
        return tensors.problems();
    }

    /**
     * Reads every value.
     *
     * @return the tensors that hold any that is NaN or infinite, a line each; of many the first few, and how many more
     * @throws CheckpointException if a file cannot be read
     */
    public List<String> nonFiniteTensors() {
        return NonFinite.in(tensors.all().values(), tensors::called);
    }

    /**
     * @throws CheckpointException listing all {@link #problems()}
     */
    public void requireComplete() {
        requireComplete(List.of(this));
    }

    /**
     * @throws CheckpointException listing the {@link #problems()} of all {@code components}
     */
    public static void requireComplete(List<Component> components) {
        List<String> problems =
                components.stream().flatMap(c -> c.problems().stream()).toList();
        if (!problems.isEmpty()) {
            throw CheckpointException.listing("the checkpoint's tensors are not those of the model", problems);
        }
    }
}
