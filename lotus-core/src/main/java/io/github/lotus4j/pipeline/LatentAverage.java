package io.github.lotus4j.pipeline;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The exponential moving average of the latents that are predicted of one image after the other: of the first its own, then
 *
 * <pre>average = weight · latent + (1 - weight) · average before</pre>
 *
 * which is what is decoded. An image counts from {@link #keep()} on: one that failed changes nothing. Not thread-safe.
 */
public final class LatentAverage {
    private List<float[]> before = List.of(); // of each member and pipeline, in the order in which they are predicted
    private final List<float[]> now = new ArrayList<>();
    private boolean alone;

    /**
     * Before an image.
     *
     * @param anew whether it begins a new average
     */
    public void begin(boolean anew) {
        alone = anew || before.isEmpty();
        now.clear();
    }

    /**
     * Averages what is predicted of the image, in place.
     *
     * @param predicted by all pipelines, for one member of the ensemble, [N, h, w, latentChannels]
     * @param weight of the image, more than 0, at most 1: nothing is averaged then, and nothing kept
     */
    void add(List<Tensor> predicted, double weight, Ops ops) {
        if (weight < 1) {
            predicted.forEach(each -> add(each, weight, ops));
        }
    }

    private void add(Tensor latent, double weight, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor average = frame.tensor(latent.shape());
            if (ops.measures()) {
                return;
            }
            if (!alone) {
                ops.upload(average, before.get(now.size()));
                ops.combine(latent, (float) weight, latent, (float) (1 - weight), average);
            }
            now.add(ops.download(latent));
        }
    }

    /** After an image of which everything went well. */
    public void keep() {
        before = List.copyOf(now);
    }
}
