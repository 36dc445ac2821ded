package io.github.lotus4j.hub;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/**
 * Tries again, after growing pauses, what failed for a reason that may pass.
 *
 * @param listener is told of it
 */
record Retries(Patience patience, FetchListener listener) {
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws PassingFailure;
    }

    /**
     * @param what for messages
     * @param progress grows where a try that failed achieved something all the same: tries are then counted anew
     * @throws HubException if none of them succeeded
     * @throws CancellationException if the thread was interrupted
     */
    <T> T call(String what, LongSupplier progress, Attempt<T> attempt) {
        Duration pause = patience.firstPause();
        long before = progress.getAsLong();
        for (int tries = 1; ; tries++) {
            try {
                return attempt.make();
            } catch (PassingFailure e) {
                if (progress.getAsLong() > before) {
                    before = progress.getAsLong();
                    pause = patience.firstPause();
                    tries = 1;
                }
                if (tries >= patience.tries()) {
                    throw new HubException(
                            "%s: %s; gave up after %d tries, what was downloaded is kept for the next"
                                    .formatted(what, e.getMessage(), tries),
                            e);
                }
                pause(what, String.valueOf(e.getMessage()), e.retryAfter().orElse(pause));
                pause = pause.multipliedBy(2);
            }
        }
    }

    private void pause(String what, String reason, Duration pause) {
        if (pause.compareTo(patience.longestPause()) > 0) {
            throw new HubException(
                    "%s: the server asks to come back in %d seconds; do so".formatted(what, pause.toSeconds()));
        }
        listener.failed(what, reason, pause);
        sleep(pause);
    }

    /**
     * @throws CancellationException if the thread was interrupted, as it then still is
     */
    static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw cancelled();
        }
    }

    /** Keeps the thread interrupted. */
    static CancellationException cancelled() {
        Thread.currentThread().interrupt();
        return new CancellationException("the download was cancelled");
    }
}
