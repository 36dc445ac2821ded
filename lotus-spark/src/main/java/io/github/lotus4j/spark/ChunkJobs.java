package io.github.lotus4j.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the driver does for each chunk, some at a time. */
final class ChunkJobs {
    private ChunkJobs() {}

    /**
     * Runs them. When one fails, those that wait are not begun, and those under way are waited for: what they do need not be lost.
     *
     * @param most at a time
     * @throws RuntimeException of the first that failed, with those of the others
     */
    static void run(List<Runnable> jobs, int most) {
        Iterator<Runnable> waiting = jobs.iterator();
        int running = 0;
        List<RuntimeException> failures = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(most)) {
            CompletionService<Object> ended = new ExecutorCompletionService<>(threads);
            while (true) {
                while (failures.isEmpty() && running < most && waiting.hasNext()) {
                    ended.submit(Executors.callable(waiting.next()));
                    running++;
                }
                if (running == 0) {
                    break;
                }
                failureOf(ended.take()).ifPresent(failures::add);
                running--;
                if (!failures.isEmpty() && running > 0) {
                    System.err.println("failed, and ends when the chunk that is under way is done: "
                            + failures.getFirst().getMessage());
                }
            }
        } catch (InterruptedException e) {
            throw Interruption.cancellation(e);
        }
        if (!failures.isEmpty()) {
            RuntimeException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private static Optional<RuntimeException> failureOf(Future<?> ended) throws InterruptedException {
        try {
            ended.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(
                    e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause()));
        }
    }
}
