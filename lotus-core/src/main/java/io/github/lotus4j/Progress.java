package io.github.lotus4j;

/**
 * How far a prediction is.
 *
 * @param stage what is being computed
 * @param fraction of all multiply-adds of the prediction that are done, 0 to 1
 */
public record Progress(Stage stage, double fraction) {
    /** The parts of a prediction, in their order. */
    public enum Stage {
        /** The image becomes a latent (VAE encoder). */
        ENCODE,
        /** The latent becomes that of the prediction (UNet). */
        DENOISE,
        /** The latent becomes the prediction (VAE decoder). */
        DECODE
    }
}
