package io.github.lotus4j;

import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where virtual threads have long computations done. They give up the few threads that carry them only where they wait: a prediction in
 * one of them would keep others waiting, those that only answer the network too.
 */
final class PlatformThread {
    private PlatformThread() {}

    /**
     * Calls {@code work}: on a thread of its own, where the caller is a virtual one, which waits for it and passes interruptions on.
     *
     * @throws RuntimeException or an error, whatever {@code work} throws, also what no compiler lets it
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
            PlatformThread.<RuntimeException>rethrow(e.getCause());
            throw new AssertionError(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Throws it as what it is, which listeners written in other languages than Java may not have declared. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void rethrow(@Nullable Throwable thrown) throws E {
        throw (E) Objects.requireNonNull(thrown);
    }
}
