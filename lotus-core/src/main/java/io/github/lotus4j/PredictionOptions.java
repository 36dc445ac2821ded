package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.pipeline.Task;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a prediction is made. Immutable; {@code with…} methods return changed copies.
 *
 * @param processingResolution the longer edge that the image is brought to, in pixels; 0 keeps its size; empty for the
 *     checkpoint's own, or 768
 * @param resampling how it is brought there
 * @param matchInput whether the result is brought back to the image's size, by nearest neighbour
 * @param seed of Lotus-G's noise, the same as torch's
 * @param steps of denoising; more than one for Lotus-G only
 * @param latentSampleSeed draws the image's latent instead of taking its mean
 */
public record PredictionOptions(
        OptionalInt processingResolution,
        Filter resampling,
        boolean matchInput,
        long seed,
        int steps,
        OptionalLong latentSampleSeed) {
    /** One step, the checkpoint's resolution, the image's size. */
    public static final PredictionOptions DEFAULT =
            new PredictionOptions(OptionalInt.empty(), Filter.BILINEAR, true, 0, 1, OptionalLong.empty());

    /** Checks the ranges. */
    public PredictionOptions {
        if (processingResolution.orElse(0) < 0) {
            throw new LotusException("processing resolution: found " + processingResolution.getAsInt() + ", expected 0 or more");
        }
        if (steps < 1 || steps > 1000) {
            throw new LotusException("steps: found " + steps + ", expected 1 to 1000");
        }
    }

    public PredictionOptions withProcessingResolution(int pixels) {
        return new PredictionOptions(OptionalInt.of(pixels), resampling, matchInput, seed, steps, latentSampleSeed);
    }

    public PredictionOptions withResampling(Filter by) {
        return new PredictionOptions(processingResolution, by, matchInput, seed, steps, latentSampleSeed);
    }

    public PredictionOptions withMatchInput(boolean match) {
        return new PredictionOptions(processingResolution, resampling, match, seed, steps, latentSampleSeed);
    }

    public PredictionOptions withSeed(long newSeed) {
        return new PredictionOptions(processingResolution, resampling, matchInput, newSeed, steps, latentSampleSeed);
    }

    public PredictionOptions withSteps(int count) {
        return new PredictionOptions(processingResolution, resampling, matchInput, seed, count, latentSampleSeed);
    }

    public PredictionOptions withLatentSampleSeed(long newSeed) {
        return new PredictionOptions(processingResolution, resampling, matchInput, seed, steps, OptionalLong.of(newSeed));
    }

    Settings settings(int ownResolution) {
        return new Settings(
                processingResolution.orElse(ownResolution), resampling, matchInput, seed, steps, Task.PREDICTION, latentSampleSeed);
    }
}
