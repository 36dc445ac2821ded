package io.github.lotus4j.cli;

import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a prediction is made of an image. */
final class ModelOptions {
    @Option(
            names = "--processing-res",
            paramLabel = "N",
            description = "The longer edge that images are brought to, in pixels; 0 keeps their size"
                    + " (default: the checkpoint's own, or 768).")
    private @Nullable Integer processingResolution;

    @Option(
            names = "--resample",
            paramLabel = "FILTER",
            defaultValue = "bilinear",
            description = "How: bilinear, bicubic or nearest (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Filter resample;

    @Option(
            names = "--no-match-input",
            description =
                    "Leave results at the processing size instead of the image's; meshes have a vertex for each of their pixels.")
    private boolean noMatchInput;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of Lotus-G's noise, the same as torch's (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1",
            description = "Denoising steps; more than one for Lotus-G only (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--ensemble",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "For Lotus-G: predict N times from one encoding of the image, with the seeds from --seed on, and write what"
                            + " the predictions agree on, and beside it how far they differ: NAME_…_spread (default: ${DEFAULT-VALUE}).")
    private int ensemble;

    @Option(
            names = "--sample-latent-seed",
            paramLabel = "N",
            description = "Draw the image's latent with this seed instead of taking its mean.")
    private @Nullable Long latentSeed;

    @Option(
            names = "--vae-tile",
            paramLabel = "N",
            description =
                    "For large images: have the VAE encode and decode in overlapping tiles of at most N pixels a side,"
                            + " as 512, which takes far less memory and changes results a little (default: no tiles).")
    private @Nullable Integer vaeTile;

    /** @throws picocli.CommandLine.ParameterException if one of them is out of its range */
    PredictionOptions of(CheckpointCommand command) {
        try {
            PredictionOptions options = PredictionOptions.DEFAULT
                    .withResampling(resample)
                    .withMatchInput(!noMatchInput)
                    .withSeed(seed)
                    .withSteps(steps)
                    .withEnsemble(ensemble);
            if (processingResolution != null) {
                options = options.withProcessingResolution(processingResolution);
            }
            if (vaeTile != null) {
                options = options.withVaeTile(vaeTile);
            }
            return latentSeed == null ? options : options.withLatentSampleSeed(latentSeed);
        } catch (LotusException e) {
            throw command.usage(e.getMessage());
        }
    }
}
