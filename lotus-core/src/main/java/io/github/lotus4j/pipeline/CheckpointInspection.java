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
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a checkpoint's models say of it, found by declaring all layers without reading their weights.
 *
 * @param generative whether the UNet also reads a noise latent (Lotus-G)
 * @param problems why the checkpoint could not be loaded, a line each
 */
public record CheckpointInspection(boolean generative, List<String> problems) {
    public static CheckpointInspection of(Checkpoint checkpoint, Backend backend) {
        List<String> problems = new ArrayList<>();
        try (PreparedWeights weights = backend.prepare(Backend.Reuse.MANY)) {
            Optional<UNet2DConditionModel> unet = declare(
                    checkpoint.unet(), problems, () -> new UNet2DConditionModel(checkpoint.unet(), weights, weights));
            Optional<AutoencoderKL> vae =
                    declare(checkpoint.vae(), problems, () -> new AutoencoderKL(checkpoint.vae(), weights));
            Optional<CLIPTextModel> text = checkpoint
                    .textEncoder()
                    .flatMap(encoder -> declare(encoder, problems, () -> new CLIPTextModel(encoder, weights)));
            if (unet.isPresent() && vae.isPresent()) {
                collect(problems, () -> new Networks(unet.get(), vae.get(), text).requireFitting(checkpoint));
            }
        }
        if (checkpoint.textEncoder().isPresent()) {
            collect(problems, checkpoint::promptTokens);
        }
        collect(problems, checkpoint::scheduler);
        collect(problems, checkpoint::defaultProcessingResolution);
        boolean generative =
                channels(checkpoint.unet(), "conv_in.weight", 1) > channels(checkpoint.unet(), "conv_out.weight", 0);
        return new CheckpointInspection(generative, List.copyOf(problems));
    }

    private static <T> Optional<T> declare(Component component, List<String> problems, Supplier<T> model) {
        List<T> built = new ArrayList<>();
        collect(problems, () -> built.add(model.get()));
        if (!built.isEmpty()) {
            problems.addAll(component.problems());
        }
        return built.stream().findFirst();
    }

    /** Adds why it could not be done. */
    private static void collect(List<String> problems, Runnable check) {
        try {
            check.run();
        } catch (LotusException e) {
            problems.add(e.getMessage());
        }
    }

    private static int channels(Component unet, String key, int axis) {
        return unet.find(key)
                .map(Parameter::shape)
                .filter(shape -> shape.length == 4)
                .map(shape -> shape[axis])
                .orElse(0);
    }
}
