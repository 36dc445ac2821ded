package io.github.lotus4j.ops;

/** Handle of a prepared linear layer, or of several on the same input whose outputs lie side by side. */
public interface Linear {
    String name();

    int inFeatures();

    int outFeatures();
}
