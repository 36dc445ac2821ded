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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From an image's latent to the prediction's: the UNet once, or several times under DDIM (Song et al. 2021, eta 0) with a
 * network that predicts x0. Thread-safe.
 */
public final class Denoiser {
    private static final int TRAIN_STEPS = 1000;
    private static final int FIRST_TIMESTEP = TRAIN_STEPS - 1;
    private static final double BETA_START = 0.00085;
    private static final double BETA_END = 0.012;

    private final Backend backend;
    private final UNet2DConditionModel unet;
    private final Map<String, Conditioning> conditionings = new ConcurrentHashMap<>();
    private final double[] alphas = alphas();

    /** @param listener told how the first conditioning is computed */
    Denoiser(Backend backend, UNet2DConditionModel unet, RunListener listener) {
        this.backend = backend;
        this.unet = unet;
        conditioning(FIRST_TIMESTEP, Task.PREDICTION, listener);
    }

    /** Whether the network also reads a noise latent (Lotus-G). */
    public boolean generative() {
        return unet.inChannels() > unet.outChannels();
    }

    /** Cumulative products of 1 - beta, betas quadratic in between. */
    private static double[] alphas() {
        double[] products = new double[TRAIN_STEPS];
        double product = 1;
        for (int t = 0; t < TRAIN_STEPS; t++) {
            double root = Math.sqrt(BETA_START) + (Math.sqrt(BETA_END) - Math.sqrt(BETA_START)) * t / (TRAIN_STEPS - 1);
            product *= 1 - root * root;
            products[t] = product;
        }
        return products;
    }

    private Conditioning conditioning(int timestep, Task task, RunListener listener) {
        return conditionings.computeIfAbsent(timestep + " " + task, key -> {
            try (Ops ops = backend.open(listener)) {
                return unet.conditioning(timestep, task, ops);
            }
        });
    }

    /**
     * @param out [N, h, w, latentChannels]
     * @param latent the image's, [N, h, w, latentChannels]
     * @param noise the state that is denoised (Lotus-G), changed in place; the latent itself for Lotus-D, which is not
     */
    void predict(Tensor out, Tensor latent, Tensor noise, int steps, Task task, Ops ops) {
        int stride = TRAIN_STEPS / steps;
        for (int step = 0; step < steps; step++) {
            int t = FIRST_TIMESTEP - step * stride;
            Input in = generative() ? Input.concat(latent, noise) : Input.of(latent);
            if (step == 0) {
                ops.computed("unet_in", in);
            }
            unet.forward(out, in, conditioning(t, task, RunListener.NONE), ops);
            if (step == 0) {
                ops.computed("unet_out", out);
            }
            if (steps > 1) {
                advance(noise, out, t, t - stride, ops);
            }
        }
        if (steps > 1) {
            ops.scale(out, 1f, noise);
        }
    }

    /** One step of DDIM: from x at t and the predicted x0 to x at the next time. */
    private void advance(Tensor x, Tensor x0, int t, int next, Ops ops) {
        double now = alphas[t];
        double then = alphas[Math.max(next, 0)];
        // eps = (x - sqrt(now) x0) / sqrt(1 - now); x' = sqrt(then) x0 + sqrt(1 - then) eps
        double ofX = Math.sqrt(1 - then) / Math.sqrt(1 - now);
        double ofX0 = Math.sqrt(then) - ofX * Math.sqrt(now);
        try (Frame _ = ops.frame()) {
            ops.combine(x, (float) ofX, x, (float) ofX0, x0);
        }
    }
}
