package io.github.lotus4j.pipeline;

import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How one prediction is made.
 *
 * @param processingResolution the longer edge that the image is brought to, in pixels; 0 keeps its size
 * @param filter how it is resized
 * @param matchInput whether the result is brought back to the image's size
 * @param seed of the noise (Lotus-G)
 * @param steps of denoising; more than one for Lotus-G only
 * @param ensemble how many predictions are made, of the seeds from {@code seed} on; more than one for Lotus-G only
 * @param latentSampleSeed a draw from the image's latent distribution instead of its mean
 * @param vaeTile the longest side of the tiles that the VAE works in, in pixels; empty for none
 * @param latentWeight of what is predicted of an image beside that of earlier ones: see {@link LatentAverage}; 1 for an image by itself
 */
public record Settings(
        int processingResolution,
        Filter filter,
        boolean matchInput,
        long seed,
        int steps,
        int ensemble,
        Task task,
        OptionalLong latentSampleSeed,
        OptionalInt vaeTile,
        double latentWeight) {
    /** Of an image by itself. */
    public Settings(
            int processingResolution,
            Filter filter,
            boolean matchInput,
            long seed,
            int steps,
            int ensemble,
            Task task,
            OptionalLong latentSampleSeed,
            OptionalInt vaeTile) {
        this(processingResolution, filter, matchInput, seed, steps, ensemble, task, latentSampleSeed, vaeTile, 1);
    }

    public Settings withLatentWeight(double weight) {
        return new Settings(
                processingResolution,
                filter,
                matchInput,
                seed,
                steps,
                ensemble,
                task,
                latentSampleSeed,
                vaeTile,
                weight);
    }

    /** Whether predicted latents are averaged with those of earlier images. */
    public boolean averaged() {
        return latentWeight < 1;
    }
}
