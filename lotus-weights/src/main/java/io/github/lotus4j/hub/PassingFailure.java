package io.github.lotus4j.hub;

import java.time.Duration;
import java.util.Optional;

/** A request that failed for a reason that may pass: a connection that broke or stalled, a server that is busy. */
final class PassingFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> retryAfter;

    PassingFailure(String message, Throwable cause) {
        super(message, cause);
        retryAfter = Optional.empty();
    }

    PassingFailure(String message, Optional<Duration> retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** What the server asks for. */
    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
