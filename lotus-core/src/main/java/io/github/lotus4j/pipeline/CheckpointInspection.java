package io.github.lotus4j.pipeline;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.model.CLIPTextModel;
import io.github.lotus4j.model.UNet2DConditionModel;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.Component;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint's models say of its tensors, found by declaring all layers without reading their weights.
 *
 * @param generative whether the UNet also reads a noise latent (Lotus-G)
 * @param problems why the checkpoint could not be loaded, a line each
 */
public record CheckpointInspection(boolean generative, List<String> problems) {
    public static CheckpointInspection of(Checkpoint checkpoint, Backend backend) {
        List<String> problems = new ArrayList<>();
        try (PreparedWeights weights = backend.prepare(Backend.Reuse.MANY)) {
            declare(checkpoint.unet(), problems, () -> new UNet2DConditionModel(checkpoint.unet(), weights, weights));
            declare(checkpoint.vae(), problems, () -> new AutoencoderKL(checkpoint.vae(), weights));
            checkpoint.textEncoder().ifPresent(text -> declare(text, problems, () -> new CLIPTextModel(text, weights)));
        }
        int latentChannels = checkpoint.vae().config().integer("latent_channels", 4);
        boolean generative = checkpoint
                .unet()
                .find("conv_in.weight")
                .map(Parameter::shape)
                .filter(shape -> shape.length == 4 && shape[1] > latentChannels)
                .isPresent();
        return new CheckpointInspection(generative, List.copyOf(problems));
    }

    private static void declare(Component component, List<String> problems, Runnable model) {
        try {
            model.run();
            problems.addAll(component.problems());
        } catch (LotusException e) { // a config that cannot be built
            problems.add(e.getMessage());
        }
    }
}
