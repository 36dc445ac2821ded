package io.github.lotus4j.ops;

/**
 * An activation on a backend's device, in the backend's own storage type; only {@link Ops} of that backend read it. Valid until
 * its frame, or the weights that it is a constant of, are closed: nothing checks that, and its content is then another's.
 */
public interface Tensor {
    Shape shape();

    /** A view of {@code count} channels from {@code from} on; shares the storage. */
    Tensor channels(int from, int count);
}
