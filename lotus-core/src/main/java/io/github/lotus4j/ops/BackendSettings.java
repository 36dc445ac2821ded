package io.github.lotus4j.ops;

import io.github.lotus4j.error.LotusException;
import java.util.List;

/**
 * What a user can ask of a backend.
 *
 * @param threads threads that compute, the caller's included; 1 to {@value #MOST_THREADS}
 * @param exact avoid every algorithm that trades accuracy for speed
 * @param options the backend's own, such as which of several devices
 */
public record BackendSettings(int threads, boolean exact, List<String> options) {
    /** Each thread has a stack and scratch memory of its own. */
    public static final int MOST_THREADS = 512;

    /** Without options. */
    public BackendSettings(int threads, boolean exact) {
        this(threads, exact, List.of());
    }

    /** @throws LotusException if there are too few or too many threads */
    public BackendSettings {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new LotusException("threads: found " + threads + ", expected 1 to " + MOST_THREADS);
        }
        options = List.copyOf(options);
    }

    /** The same with options. */
    public BackendSettings withOptions(List<String> of) {
        return new BackendSettings(threads, exact, of);
    }
}
