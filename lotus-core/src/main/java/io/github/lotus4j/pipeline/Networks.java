package io.github.lotus4j.pipeline;

import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.model.CLIPTextModel;
import io.github.lotus4j.model.UNet2DConditionModel;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The networks of a checkpoint, which hand tensors to each other. */
record Networks(UNet2DConditionModel unet, AutoencoderKL vae, Optional<CLIPTextModel> text) {
    /** @throws CheckpointException listing where one gives what the next cannot take */
    void requireFitting(Checkpoint checkpoint) {
        List<String> misfits = new ArrayList<>();
        int latent = vae.latentChannels();
        if (unet.outChannels() != latent) {
            misfits.add("the UNet's out_channels is " + unet.outChannels() + ", expected " + latent
                    + ", the VAE's latent_channels");
        }
        if (unet.inChannels() != latent && unet.inChannels() != 2 * latent) {
            misfits.add("the UNet's in_channels is " + unet.inChannels() + ", expected " + latent + " (Lotus-D) or "
                    + 2 * latent + " (Lotus-G)");
        }
        text.filter(encoder -> encoder.hiddenSize() != unet.promptChannels())
                .ifPresent(encoder -> misfits.add("the UNet's cross_attention_dim is " + unet.promptChannels()
                        + ", expected " + encoder.hiddenSize() + ", the text encoder's hidden_size"));
        if (!misfits.isEmpty()) {
            throw new CheckpointException(checkpoint.path() + ": " + String.join("; ", misfits));
        }
    }
}
