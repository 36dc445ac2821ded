package io.github.lotus4j.spark;

import io.github.lotus4j.PredictionOptions;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How executors predict, and what they give: {@link PredictionOptions} cannot be serialised.
 *
 * @param processingResolution null for the checkpoint's own
 * @param vaeTile null for no tiles
 * @param maxPixels of an image; larger ones are refused before they are decoded
 */
record PredictionSettings(
        @Nullable Integer processingResolution,
        boolean matchInput,
        long seed,
        int steps,
        int ensemble,
        @Nullable Integer vaeTile,
        MapEncoding encoding,
        long maxPixels)
        implements Serializable {

    /** All that decides what an image's results are; not which images have none. */
    String described() {
        return "processing resolution %s, match input %s, seed=%d, steps %d, ensemble %d, VAE tile %s, encoding %s"
                .formatted(processingResolution, matchInput, seed, steps, ensemble, vaeTile, encoding);
    }

    /** As {@link PredictionOptions} checks them. */
    PredictionOptions options() {
        PredictionOptions options = PredictionOptions.DEFAULT
                .withMatchInput(matchInput)
                .withSeed(seed)
                .withSteps(steps)
                .withEnsemble(ensemble);
        if (processingResolution != null) {
            options = options.withProcessingResolution(processingResolution);
        }
        return vaeTile == null ? options : options.withVaeTile(vaeTile);
    }
}
