package io.github.lotus4j.ops;

/** Element-wise functions that an operator can apply while it reads. */
public enum Activation {
    NONE,
    /** x · sigmoid(x). Elfwing et al. 2018. */
    SILU,
    /** x · Φ(x), with the error function, not the tanh approximation. Hendrycks and Gimpel 2016. */
    GELU,
    /** x · sigmoid(1.702 x), as some CLIP models ask for. */
    QUICK_GELU
}
