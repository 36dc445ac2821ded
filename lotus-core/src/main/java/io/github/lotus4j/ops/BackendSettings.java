package io.github.lotus4j.ops;

/**
 * What a user can ask of a backend.
 *
 * @param threads threads that compute, the caller's included; at least 1
 * @param exact avoid every algorithm that trades accuracy for speed
 */
public record BackendSettings(int threads, boolean exact) {
    public BackendSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected at least 1");
        }
    }
}
