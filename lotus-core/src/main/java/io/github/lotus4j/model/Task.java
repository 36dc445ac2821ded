package io.github.lotus4j.model;

/** What the network is asked for; the switch of He et al. 2024, section 4.3. */
public enum Task {
    /** Depth or normals. */
    PREDICTION,
    /** The image itself: the branch that keeps details in training, and a check of a checkpoint. */
    RECONSTRUCTION;

    static final int CLASS_LABELS = 4;

    /** The switch's position as the network reads it: sines, then cosines of [1, 0] or [0, 1]. */
    float[] classLabels() {
        double prediction = this == PREDICTION ? 1 : 0;
        double reconstruction = 1 - prediction;
        return new float[] {
            (float) Math.sin(prediction),
            (float) Math.sin(reconstruction),
            (float) Math.cos(prediction),
            (float) Math.cos(reconstruction)
        };
    }
}
