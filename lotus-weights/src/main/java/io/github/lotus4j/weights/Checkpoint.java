package io.github.lotus4j.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A checkpoint, in one of two layouts. The folder of the Hugging Face hub: {@code model_index.json}, {@code unet/}, {@code
 * vae/}, {@code text_encoder/}, {@code tokenizer/}, {@code scheduler/}, each network as one file, as shards with an index
 * or in an fp16 variant. Or a single file with the UNet, and beside it the prompt's embedding and {@code vae/}, or a file
 * with the VAE, which may also be in the UNet's. UNet and VAE may have the names of the original Stable Diffusion code, as
 * ComfyUI's files do; here they have today's. Tensors are read in place until this is closed; no network is used. Not
 * thread-safe; its parameters are.
 */
public final class Checkpoint implements AutoCloseable {
    /** The longest edge, in pixels, that images are brought to. */
    public static final int LARGEST_RESOLUTION = 16_384;

    private final Path path;
    private final Path folder;
    private final OpenFiles open;
    private final Component unet;
    private final Component vae;
    private final Optional<Component> textEncoder;
    private final Optional<Parameter> promptEmbedding;

    private Checkpoint(Path path, Path vaePlace, OpenFiles open) {
        this.path = path;
        this.folder = SingleFile.isFile(path) ? SingleFile.folderOf(path) : path;
        this.open = open;
        Optional<Path> single = SingleFile.at(path);
        unet = single.isPresent()
                ? SingleFile.unet(single.get(), open)
                : component("unet", requireFolder(folder.resolve("unet"), "the UNet"));
        Optional<Path> vaeFile = SingleFile.vaeAt(vaePlace, single);
        String beside = single.isPresent() ? ", or a file with it beside the UNet's" : "";
        vae = vaeFile.isPresent()
                ? SingleFile.vae(vaeFile.get(), folder.resolve("vae/config.json"), open)
                : component("vae", requireFolder(vaePlace, "Stable Diffusion 2's VAE" + beside));
        promptEmbedding = PromptEmbedding.beside(folder, promptWidth(), open);
        Path encoder = folder.resolve("text_encoder");
        textEncoder = Files.isDirectory(encoder) && (promptEmbedding.isEmpty() || WeightFiles.existIn(encoder))
                ? Optional.of(component("text_encoder", encoder))
                : Optional.empty();
        if (textEncoder.isEmpty() && promptEmbedding.isEmpty()) {
            throw new CheckpointException(folder + " has neither text_encoder/ nor a file with the prompt's embedding,"
                    + " [1, 2, " + promptWidth() + "]");
        }
    }

    /**
     * @param path the folder, or the UNet's file
     * @throws CheckpointException if it is no checkpoint, or a file of it cannot be read
     */
    public static Checkpoint open(Path path) {
        Objects.requireNonNull(path, "path");
        Path folder = SingleFile.isFile(path) ? SingleFile.folderOf(path) : path;
        return open(path, folder.resolve("vae"));
    }

    /**
     * With a VAE from elsewhere: the same VAE goes with every published checkpoint.
     *
     * @param vae its folder or its file
     * @throws CheckpointException if it is no checkpoint, or a file of it cannot be read
     */
    public static Checkpoint open(Path path, Path vae) {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(vae, "vae");
        if (!Files.exists(path)) {
            boolean word = !path.isAbsolute() && path.getNameCount() == 1;
            throw new CheckpointException(path + " does not exist, expected a checkpoint's folder or its UNet's file"
                    + (word ? " (the command, and Lotus.load(String), also take names: lotus models lists them)" : "")
                    + Neighbours.suggestion(path));
        }
        OpenFiles open = new OpenFiles();
        try {
            return new Checkpoint(path, vae, open);
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /**
     * Of all files of a repository, those that a checkpoint in the hub's layout needs: configs, the tokenizer, and each network's
     * weights once.
     *
     * @param files paths with {@code /}, relative to the repository's root
     * @param fp16 the half-precision variant of each network that has one
     * @throws CheckpointException if there are no weights of a network, or no half-precision variant of any
     */
    public static List<String> neededFiles(Collection<String> files, boolean fp16) {
        return NeededFiles.of(files, fp16);
    }

    /** What was opened: the folder or the file. */
    public Path path() {
        return path;
    }

    /** The folder's or file's name; in the hub's cache, where folders are named after commits, the repository's. */
    public String name() {
        return nameOf(path);
    }

    /** The {@link #name()} of a checkpoint at {@code path}, which need not exist. */
    public static String nameOf(Path path) {
        return Neighbours.name(path);
    }

    public Component unet() {
        return unet;
    }

    public Component vae() {
        return vae;
    }

    /** Absent where the checkpoint has a {@link #promptEmbedding()} instead. */
    public Optional<Component> textEncoder() {
        return textEncoder;
    }

    /** The networks there are: UNet, VAE and, if present, text encoder. */
    public List<Component> components() {
        return Stream.concat(Stream.of(unet, vae), textEncoder.stream()).toList();
    }

    /** The empty prompt's last hidden state, [1, 2, D], where the checkpoint brings it. */
    public Optional<Parameter> promptEmbedding() {
        return promptEmbedding;
    }

    /** The scheduler's config; every key of it absent where there is none. */
    public JsonConfig scheduler() {
        Path scheduler = folder.resolve("scheduler");
        Path current = scheduler.resolve("scheduler_config.json");
        return optional(Files.exists(current) ? current : scheduler.resolve("config.json"));
    }

    /** {@code model_index.json}; every key of it absent where there is none. */
    public JsonConfig index() {
        return optional(folder.resolve("model_index.json"));
    }

    /** The longer edge, in pixels, that images are brought to by default, where the checkpoint has its own; 0 is native. */
    public OptionalInt defaultProcessingResolution() {
        String key = "default_processing_resolution";
        JsonConfig index = index();
        if (!index.has(key)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(index.integer(key, new JsonConfig.Range(0, LARGEST_RESOLUTION)));
    }

    /** The empty prompt: the ids of the start and the end token. */
    public int[] promptTokens() {
        return PromptTokens.of(folder.resolve("tokenizer").resolve("vocab.json"), textEncoder.map(Component::config));
    }

    /**
     * Changes when the checkpoint does: made of the networks' files' sizes and times, the configs, the tensors' names, types and
     * shapes, a few bytes of each, and the prompt.
     *
     * @throws CheckpointException if a file cannot be read
     */
    public String fingerprint() {
        return Fingerprint.ofFiles(this);
    }

    /**
     * The same for every copy of the checkpoint, whenever and wherever it was written: as {@link #fingerprint()}, without the files'
     * sizes and times. Of large tensors only a few bytes count, so it tells checkpoints apart, and proves nothing.
     *
     * @throws CheckpointException if a file cannot be read
     */
    public String contentFingerprint() {
        return Fingerprint.ofContent(this);
    }

    /**
     * Reads every value.
     *
     * @return what of the networks and of the prompt's embedding is NaN or infinite, as {@link Component#nonFiniteTensors()}
     * @throws CheckpointException if a file cannot be read
     */
    public List<String> nonFiniteTensors() {
        List<String> found = new ArrayList<>();
        components().forEach(each -> found.addAll(each.nonFiniteTensors()));
        promptEmbedding
                .flatMap(each -> NonFinite.of(each, "the prompt's embedding", folder))
                .ifPresent(found::add);
        return found;
    }

    private int promptWidth() {
        return unet.config().integer("cross_attention_dim", JsonConfig.SIZE);
    }

    private Component component(String name, Path place) {
        return component(name, place.resolve("config.json"), place, WeightFiles.in(place, open));
    }

    static Component component(String name, Path configFile, Path place, WeightFiles files) {
        TensorTable tensors = new TensorTable(name, place, files.tensors());
        JsonConfig config = Files.exists(configFile)
                ? JsonConfig.read(configFile)
                : StableDiffusion2.config(name, configFile, tensors);
        return new Component(name, config, files.paths(), tensors);
    }

    private static JsonConfig optional(Path file) {
        return Files.exists(file) ? JsonConfig.read(file) : JsonConfig.empty(file);
    }

    private static Path requireFolder(Path place, String what) {
        if (!Files.isDirectory(place)) {
            Path parent = SingleFile.folderOf(place);
            throw new CheckpointException(
                    place + " does not exist, expected the folder of " + what + Neighbours.insteadOf(parent));
        }
        return place;
    }

    /** Ends the reading in place. Closing again does nothing. */
    @Override
    public void close() {
        open.close();
    }
}
