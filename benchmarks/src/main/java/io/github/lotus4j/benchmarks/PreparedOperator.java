package io.github.lotus4j.benchmarks;

/** An operator with its arguments in place, computed as often as it is asked to. */
interface PreparedOperator extends AutoCloseable {
    void run();

    /** What {@link #run} has computed, {@code [side, side, channels]}. */
    float[] output();

    @Override
    void close();
}
