package io.github.lotus4j.model;

/** What the network is asked for; the switch of He et al. 2024, section 4.3. */
public enum Task {
    /** Depth or normals. */
    PREDICTION,
    /** The image itself: the branch that keeps details in training, and a check of a checkpoint. */
    RECONSTRUCTION;

    float[] embedding() {
        return this == PREDICTION ? new float[] {1, 0} : new float[] {0, 1};
    }
}
