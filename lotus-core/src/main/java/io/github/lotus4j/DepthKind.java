package io.github.lotus4j;

/** What a depth checkpoint's numbers mean; scale and shift are unknown in both. */
public enum DepthKind {
    /** 0 near, 1 far: distance but for scale and shift. */
    AFFINE_DEPTH,
    /** 1 near, 0 far: inverse distance but for scale and shift. */
    AFFINE_DISPARITY
}
