package io.github.lotus4j.ops;

/** Handle of a prepared group or layer normalisation; applied by the operator that reads through it. */
public interface Norm {
    String name();

    int channels();

    /** The input, normalised. */
    default Input of(Input in) {
        return in.normalized(this, Activation.NONE);
    }

    default Input of(Tensor in) {
        return of(Input.of(in));
    }

    /** The input, normalised, then SiLU. */
    default Input silu(Input in) {
        return in.normalized(this, Activation.SILU);
    }

    default Input silu(Tensor in) {
        return silu(Input.of(in));
    }
}
