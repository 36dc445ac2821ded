package io.github.lotus4j;

import io.github.lotus4j.error.ClosedException;
import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The uses of a thing that can be closed: none begins from then on, and closing waits for those that have begun. Thread-safe. */
final class OpenUses {
    private final String name;
    private final List<Thread> users = new ArrayList<>(); // a thread once for each of its uses
    private boolean closed;
    private boolean freed;

    /** @param name of the thing, for messages */
    OpenUses(String name) {
        this.name = name;
    }

    /** One use, by the thread that began it. */
    @FunctionalInterface
    interface Use extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws ClosedException if closing has begun */
    synchronized Use begin() {
        if (closed) {
            throw new ClosedException(name);
        }
        Thread user = Thread.currentThread();
        Use use = () -> end(user); // before it counts: there may be no memory for it
        users.add(user);
        return use;
    }

    private synchronized void end(Thread user) {
        users.remove(user);
        notifyAll();
    }

    /**
     * Waits until nothing is used any more, then frees it, once; an interruption does not end the wait, and is kept.
     *
     * @throws LotusException if the calling thread would wait for itself
     */
    void close(Runnable free) {
        if (!beginClosing()) {
            return;
        }
        try {
            free.run(); // while newcomers are refused, and do not wait
        } finally {
            freed();
        }
    }

    /** @return whether the caller is the one who frees; others have waited until that was done */
    private synchronized boolean beginClosing() {
        if (users.contains(Thread.currentThread())) {
            throw new LotusException(
                    "close() was called by the progress listener of a prediction, which it would wait for forever");
        }
        boolean first = !closed;
        closed = true;
        awaitUninterruptibly(first ? users::isEmpty : () -> freed);
        return first;
    }

    private synchronized void freed() {
        freed = true;
        notifyAll();
    }

    private void awaitUninterruptibly(BooleanSupplier condition) {
        boolean interrupted = false;
        while (!condition.getAsBoolean()) {
            try {
                wait();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
