package io.github.lotus4j.spark;

import java.util.concurrent.CancellationException;

/** How an interrupt ends what was asked for. */
final class Interruption {
    private Interruption() {}

    /** To be thrown; the thread stays interrupted. */
    static CancellationException cancellation(InterruptedException interrupt) {
        Thread.currentThread().interrupt();
        CancellationException cancellation = new CancellationException("interrupted");
        cancellation.initCause(interrupt);
        return cancellation;
    }
}
