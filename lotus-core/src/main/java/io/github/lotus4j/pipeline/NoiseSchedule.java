package io.github.lotus4j.pipeline;

import io.github.lotus4j.weights.JsonConfig;
import java.util.List;

/**
 * How much of the signal is left at each of the times that the network was trained on: cumulative products of 1 - beta. Ho et
 * al. 2020. Immutable.
 */
final class NoiseSchedule {
    static final int TRAIN_STEPS = 1000;

    /** With no noise at all there is nothing to divide by. */
    private static final double SMALLEST_BETA = 1e-9;

    private final double[] alphas = new double[TRAIN_STEPS];
    private final double last;

    /**
     * Reads what several steps take from the scheduler's config; absent keys have Stable Diffusion 2's values. The order of the
     * times is the pipeline's own, and every step predicts x0, whatever the config says.
     *
     * @throws io.github.lotus4j.weights.CheckpointException if the config asks for what is not built here
     */
    NoiseSchedule(JsonConfig scheduler) {
        scheduler.require("num_train_timesteps", TRAIN_STEPS);
        scheduler.requireAbsent("trained_betas");
        for (String flag : List.of("clip_sample", "rescale_betas_zero_snr", "thresholding")) {
            scheduler.require(flag, false);
        }
        boolean quadratic = scheduler
                .oneOf("beta_schedule", "scaled_linear", "linear", "scaled_linear")
                .equals("scaled_linear");
        double start = scheduler.number("beta_start", 0.00085, SMALLEST_BETA, 1);
        double end = scheduler.number("beta_end", 0.012, SMALLEST_BETA, 1);
        double product = 1;
        for (int t = 0; t < TRAIN_STEPS; t++) {
            double part = (double) t / (TRAIN_STEPS - 1);
            double root = Math.sqrt(start) + (Math.sqrt(end) - Math.sqrt(start)) * part;
            product *= 1 - (quadratic ? root * root : start + (end - start) * part);
            alphas[t] = product;
        }
        last = scheduler.flag("set_alpha_to_one", false) ? 1 : alphas[0];
    }

    /** The share of the signal in the sum of squares at that time; below 0, of the result. */
    double alpha(int timestep) {
        return timestep < 0 ? last : alphas[timestep];
    }
}
