package io.github.lotus4j;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Where virtual threads have long computations done. They give up the few threads that carry them only where they wait: a prediction in
 * one of them would keep others waiting, those that only answer the network too.
 */
final class PlatformThread {
    private PlatformThread() {}

    /**
     * Calls {@code work}: on a thread of its own, where the caller is a virtual one, which waits for it and passes interruptions on.
     *
     * @throws RuntimeException what {@code work} throws, as errors are
     */
    static <T> T call(Supplier<T> work) {
        if (!Thread.currentThread().isVirtual()) {
            return work.get();
        }
        FutureTask<T> task = new FutureTask<>(work::get);
        Thread thread = Thread.ofPlatform().name("lotus-prediction").daemon().start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (
                        InterruptedException
                                _) { // the work decides how soon it ends; until then it uses the caller's objects
                    interrupted = true;
                    thread.interrupt();
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
