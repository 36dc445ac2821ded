package io.github.lotus4j.ops;

import io.github.lotus4j.error.LotusException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a user can ask of a backend.
 *
 * @param threads threads that compute, the caller's included; 1 to {@value #MOST_THREADS}
 * @param exact avoid every algorithm that trades accuracy for speed
 * @param options the backend's own, such as which of several devices
 * @param packedWeightsCache the folder where a backend that packs weights keeps them between processes, if it is to
 */
public record BackendSettings(int threads, boolean exact, List<String> options, Optional<Path> packedWeightsCache) {
    /** Each thread has a stack and scratch memory of its own. */
    public static final int MOST_THREADS = 512;

    /** Without options. */
    public BackendSettings(int threads, boolean exact) {
        this(threads, exact, List.of());
    }

    /** Without a cache. */
    public BackendSettings(int threads, boolean exact, List<String> options) {
        this(threads, exact, options, Optional.empty());
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
        return new BackendSettings(threads, exact, of, packedWeightsCache);
    }

    /** The same with packed weights kept in a folder. */
    public BackendSettings withPackedWeightsCache(Path folder) {
        return new BackendSettings(threads, exact, options, Optional.of(folder));
    }
}
