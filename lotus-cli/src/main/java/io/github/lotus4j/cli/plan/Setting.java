package io.github.lotus4j.cli.plan;

import io.github.lotus4j.PredictionOptions;

/**
 * How images are to be predicted.
 *
 * @param resolution the longer edge that they are brought to; 0 keeps their size
 * @param tile the longest side of the VAE's tiles; 0 for none
 * @param ensemble how many predictions are merged
 */
public record Setting(Predicted predicted, int resolution, int tile, int ensemble) {
    /** The plainest. */
    static Setting at(Predicted predicted, int resolution) {
        return new Setting(predicted, resolution, 0, 1);
    }

    /** How often the UNet is run through, with a decoding each. */
    int passes() {
        return predicted.maps() * ensemble;
    }

    /** @throws io.github.lotus4j.error.LotusException if one of them is out of its range */
    public PredictionOptions options() {
        PredictionOptions options =
                PredictionOptions.DEFAULT.withProcessingResolution(resolution).withEnsemble(ensemble);
        return tile == 0 ? options : options.withVaeTile(tile);
    }

    /** As it is asked for. */
    @Override
    public String toString() {
        return predicted + " with --processing-res " + resolution + " --vae-tile " + tile + " --ensemble " + ensemble;
    }
}
