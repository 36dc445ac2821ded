package io.github.lotus4j.ops;

/** An activation on a backend's device, in the backend's own storage type; only {@link Ops} of that backend read it. */
public interface Tensor {
    Shape shape();

    /** A view of {@code count} channels from {@code from} on; shares the storage. */
    Tensor channels(int from, int count);
}
