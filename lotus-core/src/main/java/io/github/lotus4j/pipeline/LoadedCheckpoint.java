package io.github.lotus4j.pipeline;

import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.model.CLIPTextModel;
import io.github.lotus4j.model.Conditioning;
import io.github.lotus4j.model.UNet2DConditionModel;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Finite;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.Component;
import io.github.lotus4j.weights.JsonConfig;
import io.github.lotus4j.weights.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** A checkpoint on a backend, ready to predict: weights packed, prompt and time folded into constants, files closed. */
public final class LoadedCheckpoint implements AutoCloseable {
    private static final String VALUES = " (lotus inspect --values names tensors that hold others)";

    private final PreparedWeights weights;
    private final Pipeline pipeline;
    private final OptionalInt defaultProcessingResolution;
    private final String name;
    private final String fingerprint;

    private LoadedCheckpoint(PreparedWeights weights, Pipeline pipeline, Checkpoint checkpoint) {
        this.weights = weights;
        this.pipeline = pipeline;
        defaultProcessingResolution = checkpoint.defaultProcessingResolution();
        name = checkpoint.name();
        fingerprint = checkpoint.contentFingerprint();
    }

    /**
     * @param path the folder, or the UNet's file
     * @throws io.github.lotus4j.weights.CheckpointException if anything is missing, surplus or of another shape
     */
    public static LoadedCheckpoint load(Path path, Backend backend) {
        return load(path, backend, RunListener.NONE);
    }

    /** @param listener told how prompt, time and task become constants */
    public static LoadedCheckpoint load(Path path, Backend backend, RunListener listener) {
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            return load(checkpoint, Optional.empty(), false, backend, listener);
        }
    }

    /** {@link #load(Path, Backend)} of a checkpoint whose results are depth: the mean of the three channels. */
    public static LoadedCheckpoint loadDepth(Path path, Backend backend) {
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            return load(checkpoint, Optional.empty(), true, backend, RunListener.NONE);
        }
    }

    /**
     * Loads a second checkpoint, which uses the first one's VAE where its own is the same; the first must then stay open.
     *
     * @param firstPath where {@code first} was loaded from
     */
    public static LoadedCheckpoint loadBeside(LoadedCheckpoint first, Path firstPath, Path path, Backend backend) {
        try (Checkpoint checkpoint = Checkpoint.open(path);
                Checkpoint other = Checkpoint.open(firstPath)) {
            boolean same = checkpoint.vae().sameAs(other.vae());
            Optional<AutoencoderKL> shared = same ? Optional.of(first.pipeline.vae()) : Optional.empty();
            return load(checkpoint, shared, false, backend, RunListener.NONE);
        }
    }

    private static LoadedCheckpoint load(
            Checkpoint checkpoint,
            Optional<AutoencoderKL> sharedVae,
            boolean mean,
            Backend backend,
            RunListener listener) {
        PreparedWeights weights = backend.prepare(Backend.Reuse.MANY);
        boolean complete = false;
        try (PreparedWeights once = backend.prepare(Backend.Reuse.ONCE)) {
            UNet2DConditionModel unet = new UNet2DConditionModel(checkpoint.unet(), weights, once);
            AutoencoderKL vae = sharedVae.orElseGet(() -> new AutoencoderKL(checkpoint.vae(), weights));
            Optional<CLIPTextModel> text = checkpoint.textEncoder().map(encoder -> new CLIPTextModel(encoder, once));
            List<Component> components = new ArrayList<>(List.of(checkpoint.unet()));
            if (sharedVae.isEmpty()) {
                components.add(checkpoint.vae());
            }
            checkpoint.textEncoder().ifPresent(components::add);
            new Networks(unet, vae, text).requireFitting(checkpoint);
            Component.requireComplete(components);
            int[] tokens = text.isPresent() ? checkpoint.promptTokens() : new int[0];
            JsonConfig scheduler = checkpoint.scheduler();
            Supplier<float[]> embeds = promptEmbeds(checkpoint, text, tokens, weights, backend, listener);
            Supplier<Conditioning> conditioning = Denoiser.usualConditioning(unet, backend, listener);
            once.load();
            weights.load(checkpoint);
            try (Ops ops = backend.open(listener)) {
                prompt(unet, finite(embeds.get(), checkpoint), ops);
            }
            Pipeline pipeline = new Pipeline(vae, new Denoiser(unet, scheduler, named(checkpoint, conditioning)), mean);
            LoadedCheckpoint loaded = new LoadedCheckpoint(weights, pipeline, checkpoint);
            complete = true;
            return loaded;
        } finally {
            if (!complete) {
                weights.close();
            }
        }
    }

    private static Supplier<float[]> promptEmbeds(
            Checkpoint checkpoint,
            Optional<CLIPTextModel> text,
            int[] tokens,
            PreparedWeights weights,
            Backend backend,
            RunListener listener) {
        Optional<Parameter> precomputed = checkpoint.promptEmbedding();
        if (precomputed.isPresent()) {
            return precomputed.get()::toFloats;
        }
        CLIPTextModel model = text.orElseThrow();
        Shape shape = new Shape(1, 1, tokens.length, model.hiddenSize());
        String name = "prompt_embeds of " + Arrays.toString(tokens);
        return weights.derived(name, (int) shape.elements(), () -> {
            try (Ops ops = backend.open(listener);
                    Frame frame = ops.frame()) {
                Tensor embeds = frame.tensor(shape);
                model.forward(embeds, tokens, ops);
                return ops.download(embeds);
            }
        });
    }

    private static Conditioning named(Checkpoint checkpoint, Supplier<Conditioning> conditioning) {
        try {
            return conditioning.get();
        } catch (CheckpointException e) {
            throw new CheckpointException(checkpoint.path() + ": " + e.getMessage() + VALUES, e);
        }
    }

    /** Every prediction of the others would be as they are. */
    private static float[] finite(float[] embeds, Checkpoint checkpoint) {
        if (!Finite.all(embeds)) {
            String embedding = checkpoint.promptEmbedding().isPresent() ? "" : ", as the text encoder computes it,";
            throw new CheckpointException(checkpoint.path() + ": the prompt's embedding" + embedding
                    + " has values that are NaN or infinite, expected numbers" + VALUES);
        }
        return embeds;
    }

    private static void prompt(UNet2DConditionModel unet, float[] values, Ops ops) {
        try (Frame frame = ops.frame()) {
            int width = unet.promptChannels();
            Tensor embeds = frame.tensor(new Shape(1, 1, values.length / width, width));
            ops.upload(embeds, values);
            ops.computed("prompt_embeds", embeds);
            unet.prompt(embeds, ops);
        }
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    /** The longer edge that images are brought to unless the user says otherwise, where the checkpoint has its own. */
    public OptionalInt defaultProcessingResolution() {
        return defaultProcessingResolution;
    }

    /** {@link Checkpoint#name()}. */
    public String name() {
        return name;
    }

    /** {@link Checkpoint#contentFingerprint()}. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Bytes of weights held. */
    public long weightBytes() {
        return weights.bytes();
    }

    @Override
    public void close() {
        weights.close();
    }
}
