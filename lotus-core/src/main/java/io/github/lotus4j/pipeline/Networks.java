package io.github.lotus4j.pipeline;

import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.model.CLIPTextModel;
import io.github.lotus4j.model.UNet2DConditionModel;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.CheckpointException;
import java.util.Optional;

/** The networks of a checkpoint, which hand tensors to each other. */
record Networks(UNet2DConditionModel unet, AutoencoderKL vae, Optional<CLIPTextModel> text) {
    /** @throws CheckpointException if one gives what the next cannot take */
    void requireFitting(Checkpoint checkpoint) {
        int latent = vae.latentChannels();
        require(checkpoint, "the UNet's out_channels", unet.outChannels(), "the VAE's latent_channels", latent);
        if (unet.inChannels() != latent && unet.inChannels() != 2 * latent) {
            throw new CheckpointException(checkpoint.path() + ": the UNet's in_channels is " + unet.inChannels()
                    + ", expected " + latent + " (Lotus-D) or " + 2 * latent + " (Lotus-G)");
        }
        text.ifPresent(encoder -> require(
                checkpoint,
                "the UNet's cross_attention_dim",
                unet.promptChannels(),
                "the text encoder's hidden_size",
                encoder.hiddenSize()));
    }

    private static void require(Checkpoint checkpoint, String what, int found, String other, int expected) {
        if (found != expected) {
            throw new CheckpointException(
                    checkpoint.path() + ": " + what + " is " + found + ", expected " + expected + ", " + other);
        }
    }
}
