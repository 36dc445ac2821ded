package io.github.lotus4j;

import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a prediction was made with, beside the image. It names no path.
 *
 * @param checkpoint the checkpoint's name: its folder's or, in the hub's cache, the repository's
 * @param fingerprint of what the checkpoint holds, as {@link io.github.lotus4j.weights.Checkpoint#contentFingerprint()} has it
 * @param width that the image was brought to, in pixels
 * @param height that the image was brought to, in pixels
 * @param seed of the noise, where there was any (Lotus-G); of an ensemble, of its first member
 * @param steps of denoising
 * @param ensemble how many predictions were merged; 1 for a single one
 * @param latentSampleSeed that the image's latent was drawn with, where it was drawn
 * @param vaeTile the longest side of the tiles that the VAE was to work in, in pixels, where it was to
 * @param frameWeight the frame's own weight, where it was averaged with the frames before it: see {@link TemporalSmoothing}
 */
public record Provenance(
        String checkpoint,
        String fingerprint,
        int width,
        int height,
        OptionalLong seed,
        int steps,
        int ensemble,
        OptionalLong latentSampleSeed,
        OptionalInt vaeTile,
        OptionalDouble frameWeight) {
    public Provenance {
        Objects.requireNonNull(checkpoint, "checkpoint");
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(seed, "seed");
        Objects.requireNonNull(latentSampleSeed, "latentSampleSeed");
        Objects.requireNonNull(vaeTile, "vaeTile");
        Objects.requireNonNull(frameWeight, "frameWeight");
    }
}
