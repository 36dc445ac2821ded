package io.github.lotus4j.ops;

/** A device that runs the operators. Thread-safe; runs opened from it are not. */
public interface Backend extends AutoCloseable {
    /** Short name that a user can select it by, such as {@code cpu}. */
    String name();

    /** One line on what was chosen and why. */
    String description();

    /** What its answers may differ by. */
    Accuracy accuracy();

    /**
     * Starts a prepare phase.
     *
     * @throws IllegalStateException if this is closed, as from the other methods that begin something
     */
    PreparedWeights prepare(Reuse reuse);

    /** Opens a run whose memory is taken as needed, and not kept. */
    Ops open(RunListener listener);

    /**
     * Opens a run that needs {@code bytes}, as {@link #measure()} found: they are taken now, nothing more later.
     *
     * @throws io.github.lotus4j.error.InsufficientMemoryException if there is not as much
     */
    Ops open(RunListener listener, long bytes);

    /**
     * A run that computes nothing and only adds up memory and work: {@link Ops#peakBytes()} and {@link Ops#work()} are then a
     * real run's.
     */
    Ops measure();

    /** Bytes that one run can take in this process at most. */
    long availableBytes();

    /** Whether these are of Java's heap, which images and results share. */
    boolean onHeap();

    /** Frees everything, idempotent. No run may be open. */
    @Override
    void close();

    /** How often prepared weights will be used. */
    enum Reuse {
        /** In every run: pack them the way the device wants. */
        MANY,
        /** Once: read them where they lie; the checkpoint stays open meanwhile. */
        ONCE
    }
}
