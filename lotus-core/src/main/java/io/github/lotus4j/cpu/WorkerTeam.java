package io.github.lotus4j.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
    private final List<Thread> workers = new ArrayList<>();
    private final Object callersLock = new Object();
    private volatile Caller[] callers = {};
    private volatile boolean closed;

    WorkerTeam(int threads) {
        this.threads = threads;
        boolean complete = false;
        try {
            for (int i = 1; i < threads; i++) {
                int worker = i;
                workers.add(
                        Thread.ofPlatform().daemon().name("lotus-cpu-" + worker).start(() -> work(worker)));
            }
            complete = true;
        } finally {
            if (!complete) { // the system has no more threads
                close();
            }
        }
    }

    int threads() {
        return threads;
    }

    /** Runs the items 0 to {@code items - 1}, in any order, and returns when all are done. */
    void run(int items, BooleanSupplier cancelled, Task task) {
        try (Caller caller = join()) {
            caller.run(items, cancelled, task);
        }
    }

    /** Joins those whose jobs are worked on, until it is closed. */
    Caller join() {
        Caller caller = new Caller();
        synchronized (callersLock) {
            Caller[] more = Arrays.copyOf(callers, callers.length + 1);
            more[callers.length] = caller;
            callers = more; // whole: workers read it all the time
        }
        return caller;
    }

    private void leave(Caller caller) {
        synchronized (callersLock) {
            caller.left = true;
            try {
                callers = Arrays.stream(callers).filter(each -> !each.left).toArray(Caller[]::new);
            } catch (OutOfMemoryError _) {
                // it stays there, without work, until the next one leaves
            }
        }
    }

    private void work(int worker) {
        int turn = worker;
        int idle = 0;
        while (!closed) {
            Caller[] current = callers;
            boolean worked = false;
            for (int i = 0; i < current.length && !worked; i++) {
                turn++;
                Caller caller = current[Math.floorMod(turn, current.length)];
                worked = caller.waits() && caller.runNext(worker);
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
        workers.forEach(LockSupport::unpark);
    }

    /** Has jobs done, one after the other, and allocates nothing for them. Used by one thread at a time. */
    final class Caller implements AutoCloseable {
        /** Items of the job, and in the lower half those that were taken: together, lest one job's is taken for the next's. */
        private final AtomicLong taken = new AtomicLong();
        /** How many threads take or run an item. */
        private final AtomicInteger busy = new AtomicInteger();

        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        // of the job; written before it can be taken
        private Thread thread = Thread.currentThread();
        private BooleanSupplier cancelled = () -> false;
        private Task task = (item, worker) -> {};

        private boolean left; // the team; under its lock

        private Caller() {}

        /** The same as {@link WorkerTeam#run}. */
        void run(int items, BooleanSupplier whenCancelled, Task itemTask) {
            thread = Thread.currentThread();
            cancelled = whenCancelled;
            task = itemTask;
            failure.set(null);
            if (workers.isEmpty() || items == 1) {
                for (int item = 0; item < items; item++) {
                    runItem(item, 0);
                }
                return;
            }
            try {
                taken.set((long) items << 32);
                for (int i = 0; i < workers.size(); i++) { // without an iterator, for which there may be no memory
                    LockSupport.unpark(workers.get(i));
                }
                while (waits()) {
                    runNext(0);
                }
            } finally { // whatever ends it: nobody works on the caller's memory any more
                taken.set(0);
                awaitOthers();
            }
            rethrow();
        }

        /** Whether there may be items that nobody has taken; asked before each, since idle workers do little else. */
        private boolean waits() {
            long now = taken.get();
            return (int) now < (int) (now >>> 32);
        }

        /** Runs one item; false when none is left. */
        private boolean runNext(int worker) {
            busy.incrementAndGet(); // before an item is taken, so that the caller cannot miss it
            try {
                long now = taken.getAndIncrement();
                int item = (int) now;
                if (item >= (int) (now >>> 32)) {
                    return false;
                }
                runItem(item, worker);
                return true;
            } catch (Throwable thrown) { // handed to the caller, whatever it is
                failure.compareAndSet(null, thrown);
                taken.set(0);
                return false;
            } finally {
                if (busy.decrementAndGet() == 0 && worker != 0) {
                    LockSupport.unpark(thread);
                }
            }
        }

        private void runItem(int item, int worker) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("the prediction was cancelled");
            }
            task.run(item, worker);
        }

        private void awaitOthers() {
            for (int spin = 0; busy.get() > 0; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(this, 1_000_000);
                }
            }
        }

        private void rethrow() {
            Throwable thrown = failure.get();
            switch (thrown) {
                case null -> {}
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                default -> throw new IllegalStateException(thrown);
            }
        }

        /** Leaves the team. No job may be running. */
        @Override
        public void close() {
            leave(this);
        }
    }
}
