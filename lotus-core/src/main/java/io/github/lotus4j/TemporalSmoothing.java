package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;

/**
 * How the frames of a sequence are smoothed, so that what is predicted of them does not flicker: by the exponential moving average
 * (Brown 1959) of the latents that the UNet predicts, before the VAE decodes them,
 *
 * <pre>s₀ = x₀,  sₜ = w · xₜ + (1 - w) · sₜ₋₁</pre>
 *
 * Averaged as latents, predictions come together before they are cut off to 0 to 1 and resized, and little has to be kept. What differs
 * from one frame to the next at random becomes {@code w / sqrt(2 - w)} of it: two fifths with 0.5. What moves is late by
 * {@code (1 - w) / w} frames: one with 0.5.
 *
 * <p>A cut must not be averaged away: a frame that differs too much from the one before begins anew. Two frames differ by the mean
 * absolute difference of their pictures in 8×8 cells, each the mean of its pixels, in each channel; a share of the whole range. That
 * is a heuristic, after the comparison of reduced images by Yeo and Liu (1995): noise and small movements vanish in a cell, which a
 * change of scene does not. Of the eight rendered scenes beside the miniature, any two differ by 0.13 to 0.3; a scene moved by a
 * twentieth of its width differs from itself by 0.02 to 0.04. A cut between pictures of alike brightness everywhere is missed; its
 * trace fades as noise does.
 *
 * @param weight w, of each frame, more than 0, at most 1: then frames do not change each other
 * @param cut what two frames may differ by, 0 to 1, before the second begins anew; with 1 none does
 */
public record TemporalSmoothing(double weight, double cut) {
    /** Each frame by itself. */
    public static final TemporalSmoothing NONE = new TemporalSmoothing(1, 1);

    /** Half of a frame's own, half of those before; cuts at 0.1. */
    public static final TemporalSmoothing DEFAULT = new TemporalSmoothing(0.5, 0.1);

    /** @throws LotusException if one of them is out of its range */
    public TemporalSmoothing {
        if (!(weight > 0 && weight <= 1)) {
            throw new LotusException("frame weight: found " + weight + ", expected more than 0, at most 1");
        }
        if (!(cut >= 0 && cut <= 1)) {
            throw new LotusException("cut: found " + cut + ", expected 0 to 1");
        }
    }

    public TemporalSmoothing withWeight(double newWeight) {
        return new TemporalSmoothing(newWeight, cut);
    }

    public TemporalSmoothing withCut(double newCut) {
        return new TemporalSmoothing(weight, newCut);
    }
}
