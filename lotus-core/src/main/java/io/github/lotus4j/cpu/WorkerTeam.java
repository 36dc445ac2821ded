package io.github.lotus4j.cpu;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a backend, alive as long as it is. Work is cut into items that whoever is free takes; the caller works too,
 * and several callers at once are served in turn. Thread-safe.
 */
final class WorkerTeam implements AutoCloseable {
    /** One piece of a job. */
    @FunctionalInterface
    interface Task {
        /** @param worker unique among those who work on one job at a time, below {@link WorkerTeam#threads()}; the caller is 0 */
        void run(int item, int worker);
    }

    /** Idle turns before a thread sleeps: about 50 µs, longer than the gap between two operators. */
    private static final int SPINS = 2_000;

    private final int threads;
    private final Thread[] workers;
    private final Object jobsLock = new Object();
    private volatile Job[] jobs = {};
    private volatile boolean closed;

    WorkerTeam(int threads) {
        this.threads = threads;
        workers = new Thread[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            int worker = i + 1;
            workers[i] =
                    Thread.ofPlatform().daemon().name("lotus-cpu-" + worker).start(() -> work(worker));
        }
    }

    int threads() {
        return threads;
    }

    /** Runs the items 0 to {@code items - 1}, in any order, and returns when all are done. */
    void run(int items, BooleanSupplier cancelled, Task task) {
        Job job = new Job(items, cancelled, task);
        boolean shared = workers.length > 0 && items > 1;
        if (shared) {
            publish(job);
        }
        while (job.waits()) {
            job.runNext(0);
        }
        if (shared) {
            withdraw(job);
            job.awaitOthers();
        }
        job.rethrow();
    }

    private void publish(Job job) {
        synchronized (jobsLock) {
            Job[] more = Arrays.copyOf(jobs, jobs.length + 1);
            more[jobs.length] = job;
            jobs = more;
        }
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private void withdraw(Job job) {
        synchronized (jobsLock) {
            jobs = Arrays.stream(jobs).filter(each -> each != job).toArray(Job[]::new);
        }
    }

    private void work(int worker) {
        int turn = worker;
        int idle = 0;
        while (!closed) {
            Job[] current = jobs;
            boolean worked = false;
            for (int i = 0; i < current.length && !worked; i++) {
                turn++;
                Job job = current[Math.floorMod(turn, current.length)];
                worked = job.waits() && job.runNext(worker);
            }
            if (worked) {
                idle = 0;
            } else if (++idle < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, 100_000_000);
            }
        }
    }

    /** Ends the threads; no job may be running. Idempotent. */
    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private static final class Job {
        private final int items;
        private final BooleanSupplier cancelled;
        private final Task task;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger busy = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Job(int items, BooleanSupplier cancelled, Task task) {
            this.items = items;
            this.cancelled = cancelled;
            this.task = task;
        }

        /** Whether there may be items that nobody has taken; asked before each, since idle workers do little else. */
        boolean waits() {
            return next.get() < items;
        }

        /** Runs one item; false when none is left. */
        boolean runNext(int worker) {
            busy.incrementAndGet(); // before an item is taken, so that the caller cannot miss it
            try {
                int item = next.getAndIncrement();
                if (item >= items) {
                    return false;
                }
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the prediction was cancelled");
                }
                task.run(item, worker);
                return true;
            } catch (Throwable thrown) { // handed to the caller, whatever it is
                failure.compareAndSet(null, thrown);
                next.set(items);
                return false;
            } finally {
                if (busy.decrementAndGet() == 0 && worker != 0) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void awaitOthers() {
            for (int spin = 0; busy.get() > 0; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(this, 1_000_000);
                }
            }
        }

        void rethrow() {
            Throwable thrown = failure.get();
            switch (thrown) {
                case null -> {}
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                default -> throw new IllegalStateException(thrown);
            }
        }
    }
}
