package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A checkpoint folder in the layout of the Hugging Face hub: {@code model_index.json}, {@code unet/}, {@code vae/}, {@code
 * text_encoder/}, {@code tokenizer/}, {@code scheduler/}. Tensors are read in place until this is closed. Not thread-safe.
 */
public final class Checkpoint implements AutoCloseable {
    private static final int[] CLIP_PROMPT = {49406, 49407};
    private static final int EMBEDDING_LIMIT = 1 << 20;

    private final Path folder;
    private final Deque<SafetensorsFile> open = new ArrayDeque<>();
    private final Component unet;
    private final Component vae;
    private final Optional<Component> textEncoder;
    private final Optional<Parameter> promptEmbedding;

    private Checkpoint(Path folder) {
        this.folder = folder;
        boolean complete = false;
        try {
            unet = component("unet", "diffusion_pytorch_model");
            vae = component("vae", "diffusion_pytorch_model");
            promptEmbedding = findPromptEmbedding();
            textEncoder = Files.isDirectory(folder.resolve("text_encoder"))
                    ? Optional.of(component("text_encoder", "model"))
                    : Optional.empty();
            if (textEncoder.isEmpty() && promptEmbedding.isEmpty()) {
                throw new CheckpointException(
                        folder + " has neither text_encoder/ nor a file with the prompt's embedding, [1, 2, D]");
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** @throws CheckpointException if the folder is no checkpoint, or a file of it cannot be read */
    public static Checkpoint open(Path folder) {
        if (!Files.isDirectory(folder)) {
            String found = Files.exists(folder) ? "is a file" : "does not exist";
            throw new CheckpointException(folder + " " + found + ", expected a checkpoint folder with unet/ and vae/ in it");
        }
        return new Checkpoint(folder);
    }

    public Path path() {
        return folder;
    }

    /** The folder's name. */
    public String name() {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? folder.toString() : last.toString();
    }

    public Component unet() {
        return unet;
    }

    public Component vae() {
        return vae;
    }

    public Optional<Component> textEncoder() {
        return textEncoder;
    }

    /** The empty prompt's last hidden state, [1, 2, D], where the checkpoint brings it instead of a text encoder. */
    public Optional<Parameter> promptEmbedding() {
        return promptEmbedding;
    }

    /** The longer edge that images are brought to unless the user says otherwise, where the checkpoint has its own. */
    public OptionalInt defaultProcessingResolution() {
        Path index = folder.resolve("model_index.json");
        if (!Files.exists(index)) {
            return OptionalInt.empty();
        }
        JsonConfig config = JsonConfig.read(index);
        String key = "default_processing_resolution";
        return config.has(key) ? OptionalInt.of(config.integer(key)) : OptionalInt.empty();
    }

    /** The empty prompt: the ids of the start and the end token. */
    public int[] promptTokens() {
        Path vocabulary = folder.resolve("tokenizer").resolve("vocab.json");
        if (!Files.exists(vocabulary)) {
            return CLIP_PROMPT.clone();
        }
        ObjectNode ids = Json.read(vocabulary);
        return Stream.of("<|startoftext|>", "<|endoftext|>")
                .mapToInt(token -> {
                    JsonNode id = ids.get(token);
                    if (id == null || !id.canConvertToExactIntegral()) {
                        throw new CheckpointException(vocabulary + " has no id for " + token);
                    }
                    return id.intValue();
                })
                .toArray();
    }

    private Component component(String name, String stem) {
        Path place = folder.resolve(name);
        if (!Files.isDirectory(place)) {
            throw new CheckpointException(folder + " has no folder " + name + "/, expected a checkpoint with unet/ and vae/");
        }
        JsonConfig config = JsonConfig.read(place.resolve("config.json"));
        List<Path> files = weightFiles(place, stem);
        List<StoredTensor> tensors = new ArrayList<>();
        for (Path path : files) {
            tensors.addAll(openFile(path).stored());
        }
        return new Component(name, config, files, new TensorTable(name, place, tensors));
    }

    private SafetensorsFile openFile(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        open.push(file);
        return file;
    }

    /** The whole file or its shards, in full precision where there is a choice. */
    private static List<Path> weightFiles(Path place, String stem) {
        List<String> tried = new ArrayList<>();
        for (String variant : List.of("", ".fp16")) {
            Path whole = place.resolve(stem + variant + ".safetensors");
            if (Files.exists(whole)) {
                return List.of(whole);
            }
            Path index = place.resolve(stem + ".safetensors.index" + variant + ".json");
            if (Files.exists(index)) {
                return shards(index);
            }
            tried.add(whole.getFileName().toString());
            tried.add(index.getFileName().toString());
        }
        throw new CheckpointException(place + " has no weights, expected one of " + String.join(", ", tried));
    }

    private static List<Path> shards(Path index) {
        JsonNode map = Json.read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new CheckpointException(index + ": weight_map is " + Json.kind(map) + ", expected tensors and their files");
        }
        TreeSet<Path> paths = new TreeSet<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asText();
            if (!file.endsWith(".safetensors") || file.contains("/") || file.contains("\\")) {
                throw new CheckpointException(index + ": " + entry.getKey() + " is said to be in \"" + file
                        + "\", expected the name of a .safetensors file beside the index");
            }
            paths.add(index.resolveSibling(file));
        }
        return List.copyOf(paths);
    }

    private Optional<Parameter> findPromptEmbedding() {
        for (String name : List.of("empty_text_embed.safetensors", "prompt_embeds.safetensors")) {
            Path path = folder.resolve(name);
            if (Files.exists(path)) {
                List<Parameter> tensors = openFile(path).tensors();
                if (tensors.size() != 1 || tensors.getFirst().elements() > EMBEDDING_LIMIT) {
                    throw new CheckpointException(path + " holds " + tensors.size() + " tensors, expected one, [1, 2, D]");
                }
                return Optional.of(tensors.getFirst());
            }
        }
        return Optional.empty();
    }

    /** Ends the reading in place. Closing again does nothing. */
    @Override
    public void close() {
        open.forEach(SafetensorsFile::close);
    }
}
