package io.github.lotus4j.ops;

/** A scope of temporary tensors in a run's memory; closing it gives their memory back. Frames close in reverse order. */
public interface Frame extends AutoCloseable {
    /** A tensor with undefined content. */
    Tensor tensor(Shape shape);

    @Override
    void close();
}
