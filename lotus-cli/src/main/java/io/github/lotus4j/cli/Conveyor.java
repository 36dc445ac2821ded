package io.github.lotus4j.cli;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One after the other: while one is worked on, on the calling thread, the next is fetched and what came of the last is put away, each on a
 * thread of its own. More is never under way, however many there are. Used once.
 *
 * @param <T> what is fetched
 */
final class Conveyor<T> {
    /** What goes wrong in any of them ends it. */
    interface Steps<T> {
        /** The next one; nothing after the last. One call at a time. */
        Optional<T> fetch();

        /** Whether memory suffices for another one that is fetched, and results that are put away, at the same time. */
        boolean roomBeside(T fetched);

        /** @return what puts away the results; one at a time */
        Runnable work(T fetched);

        /** When something went wrong: ends what fetching and putting away may wait for. */
        default void stop() {}
    }

    private final Steps<T> steps;
    /** One at most. */
    private final Queue<Future<Optional<T>>> ahead = new ArrayDeque<>();
    /** One at most. */
    private final Queue<Future<?>> behind = new ArrayDeque<>();

    Conveyor(Steps<T> steps) {
        this.steps = steps;
    }

    /** @throws CancellationException if the work, or the calling thread, was cancelled; what was worked on is put away if it can be */
    void run() {
        try (ExecutorService files = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("lotus-files-", 0).factory())) {
            boolean whole = false;
            try {
                do {
                    if (ahead.isEmpty()) {
                        fetchAhead(files);
                    }
                } while (step(files));
                awaitPutAway();
                whole = true;
            } finally {
                if (!whole) {
                    steps.stop();
                }
            }
        }
    }

    /** @return whether there was one */
    private boolean step(ExecutorService files) {
        Optional<T> fetched = await(ahead.remove());
        if (fetched.isEmpty()) {
            return false;
        }
        boolean beside = steps.roomBeside(fetched.get());
        if (beside) {
            fetchAhead(files);
        }
        if (behind.stream().allMatch(Future::isDone)) { // what went wrong with it ends this before more work is done
            awaitPutAway();
        }
        Runnable putAway = steps.work(fetched.get());
        awaitPutAway();
        behind.add(files.submit(putAway));
        if (!beside) {
            awaitPutAway();
        }
        return true;
    }

    private void fetchAhead(ExecutorService files) {
        ahead.add(files.submit(steps::fetch));
    }

    private void awaitPutAway() {
        while (!behind.isEmpty()) {
            await(behind.remove());
        }
    }

    private static <T> T await(Future<T> step) {
        try {
            return step.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case RuntimeException runtime -> throw runtime;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
