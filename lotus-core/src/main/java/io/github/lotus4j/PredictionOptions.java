package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.weights.Checkpoint;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How a prediction is made. Immutable; {@code with…} methods return changed copies.
 *
 * @param processingResolution the longer edge that the image is brought to, in pixels, at most 16,384; 0 keeps its size; empty
 *     for the checkpoint's own, or 768
 * @param resampling how it is brought there
 * @param matchInput whether the result is brought back to the image's size, by nearest neighbour
 * @param seed of Lotus-G's noise, the same as torch's
 * @param steps of denoising, 1 to 1000; more than one for Lotus-G only
 * @param ensemble how many predictions are made from one encoding of the image, 1 to 1000, of the seeds {@code seed}, {@code seed
 *     + 1} and so on; more than one for Lotus-G only. The result is then what they agree on, and has a spread: how far they
 *     differ
 * @param task depth or normals; or the image itself, to check a checkpoint
 * @param latentSampleSeed draws the image's latent instead of taking its mean
 * @param vaeTile the longest side of the overlapping tiles that the VAE encodes and decodes in, in pixels, at least 4 of the
 *     latent's (32 for the published checkpoints): large images then take far less memory, and results change a little, the less
 *     the larger the tiles; images that fit one tile are not changed. Empty for no tiles
 * @param progress told after each block of the model, on the calling thread, or, where that is a virtual one, on the platform
 *     thread that predicts for it, which has its own thread-locals and scoped values; what it throws ends the prediction
 * @param cancelled asked often, from any thread: when true, the prediction ends with a {@link
 *     java.util.concurrent.CancellationException}, as it does when the calling thread is interrupted. Neither this nor
 *     {@code progress} may close the {@link Lotus}, or wait for who does, or for another frame of the same sequence
 */
public record PredictionOptions(
        OptionalInt processingResolution,
        Filter resampling,
        boolean matchInput,
        long seed,
        int steps,
        int ensemble,
        Task task,
        OptionalLong latentSampleSeed,
        OptionalInt vaeTile,
        Consumer<Progress> progress,
        BooleanSupplier cancelled) {

    /** One step, the checkpoint's resolution, the image's size. */
    public static final PredictionOptions DEFAULT = new PredictionOptions(
            OptionalInt.empty(),
            Filter.BILINEAR,
            true,
            0,
            1,
            1,
            Task.PREDICTION,
            OptionalLong.empty(),
            OptionalInt.empty(),
            progress -> {},
            () -> false);

    /** Checks the ranges. */
    public PredictionOptions {
        Objects.requireNonNull(processingResolution, "processingResolution");
        Objects.requireNonNull(resampling, "resampling");
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(latentSampleSeed, "latentSampleSeed");
        Objects.requireNonNull(vaeTile, "vaeTile");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(cancelled, "cancelled");
        int resolution = processingResolution.orElse(0);
        if (resolution < 0 || resolution > Checkpoint.LARGEST_RESOLUTION) {
            throw new LotusException(
                    "processing resolution: found " + resolution + ", expected 0 to " + Checkpoint.LARGEST_RESOLUTION);
        }
        int tile = vaeTile.orElse(1);
        if (tile < 1 || tile > Checkpoint.LARGEST_RESOLUTION) {
            throw new LotusException(
                    "VAE tile: found " + tile + " pixels, expected 1 to " + Checkpoint.LARGEST_RESOLUTION);
        }
        if (steps < 1 || steps > 1000) {
            throw new LotusException("steps: found " + steps + ", expected 1 to 1000");
        }
        if (ensemble < 1 || ensemble > 1000) {
            throw new LotusException("ensemble: found " + ensemble + " predictions, expected 1 to 1000");
        }
    }

    public PredictionOptions withProcessingResolution(int pixels) {
        return new PredictionOptions(
                OptionalInt.of(pixels),
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withResampling(Filter by) {
        return new PredictionOptions(
                processingResolution,
                by,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withMatchInput(boolean match) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                match,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withSeed(long newSeed) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                newSeed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withSteps(int count) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                count,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withEnsemble(int count) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                count,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withTask(Task newTask) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                newTask,
                latentSampleSeed,
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withLatentSampleSeed(long newSeed) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                OptionalLong.of(newSeed),
                vaeTile,
                progress,
                cancelled);
    }

    public PredictionOptions withVaeTile(int pixels) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                OptionalInt.of(pixels),
                progress,
                cancelled);
    }

    public PredictionOptions withProgress(Consumer<Progress> listener) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                listener,
                cancelled);
    }

    public PredictionOptions withCancellation(BooleanSupplier when) {
        return new PredictionOptions(
                processingResolution,
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                progress,
                when);
    }

    Settings settings(int ownResolution) {
        return new Settings(
                processingResolution.orElse(ownResolution),
                resampling,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile);
    }
}
