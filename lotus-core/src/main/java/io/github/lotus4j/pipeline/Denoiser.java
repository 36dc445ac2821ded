package io.github.lotus4j.pipeline;

import io.github.lotus4j.model.Conditioning;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.model.UNet2DConditionModel;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.weights.JsonConfig;
import java.util.function.Supplier;

/**
 * From an image's latent to the prediction's: the UNet once, or several times under DDIM (Song et al. 2021, eta 0) with a
 * network that predicts x0. Thread-safe.
 */
final class Denoiser {
    private static final int FIRST_TIMESTEP = NoiseSchedule.TRAIN_STEPS - 1;

    private final UNet2DConditionModel unet;
    private final JsonConfig scheduler;
    private final Conditioning first;

    /** @param first the {@link #usualConditioning} */
    Denoiser(UNet2DConditionModel unet, JsonConfig scheduler, Conditioning first) {
        this.unet = unet;
        this.scheduler = scheduler;
        this.first = first;
    }

    /**
     * The conditioning of one step and {@link Task#PREDICTION}, a constant.
     *
     * @param listener told how it becomes one
     */
    static Supplier<Conditioning> usualConditioning(UNet2DConditionModel unet, Backend backend, RunListener listener) {
        return unet.constantConditioning(FIRST_TIMESTEP, Task.PREDICTION, () -> backend.open(listener));
    }

    /** Whether the network also reads a noise latent (Lotus-G). */
    boolean generative() {
        return unet.inChannels() > unet.outChannels();
    }

    /** Whether the conditioning of a single step is a constant. */
    boolean constant(Task task) {
        return task == Task.PREDICTION;
    }

    /**
     * @param out [N, h, w, latentChannels]
     * @param latent the image's, [N, h, w, latentChannels]
     * @param noise the state that is denoised (Lotus-G), changed in place; the latent itself for Lotus-D, which is not
     * @throws io.github.lotus4j.weights.CheckpointException if there are several steps, and the scheduler's config asks for what
     *     is not built here
     */
    void predict(Tensor out, Tensor latent, Tensor noise, int steps, Task task, Ops ops) {
        if (steps == 1) {
            step(out, latent, noise, FIRST_TIMESTEP, task, ops);
            return;
        }
        NoiseSchedule schedule = new NoiseSchedule(scheduler);
        int stride = NoiseSchedule.TRAIN_STEPS / steps;
        for (int i = 0; i < steps; i++) {
            int t = FIRST_TIMESTEP - i * stride;
            step(out, latent, noise, t, task, ops);
            advance(noise, out, schedule.alpha(t), schedule.alpha(t - stride), ops);
        }
        ops.scale(out, 1f, noise);
    }

    /** The predicted x0 at one time. */
    private void step(Tensor out, Tensor latent, Tensor noise, int timestep, Task task, Ops ops) {
        try (Frame frame = ops.frame()) {
            Input in = generative() ? Input.concat(latent, noise) : Input.of(latent);
            boolean usual = timestep == FIRST_TIMESTEP && constant(task);
            Conditioning conditioning = usual ? first : unet.conditioning(timestep, task, frame, ops);
            if (timestep == FIRST_TIMESTEP) {
                ops.computed("unet_in", in);
            }
            unet.forward(out, in, conditioning, ops);
            if (timestep == FIRST_TIMESTEP) {
                ops.computed("unet_out", out);
            }
        }
    }

    /**
     * One step of DDIM: from x at a time and the predicted x0 to x at the next.
     *
     * @param now the share of the signal at that time
     * @param then the share of the signal at the next time
     */
    private static void advance(Tensor x, Tensor x0, double now, double then, Ops ops) {
        // eps = (x - sqrt(now) x0) / sqrt(1 - now); x' = sqrt(then) x0 + sqrt(1 - then) eps
        double ofX = Math.sqrt(1 - then) / Math.sqrt(1 - now);
        double ofX0 = Math.sqrt(then) - ofX * Math.sqrt(now);
        ops.combine(x, (float) ofX, x, (float) ofX0, x0);
    }
}
