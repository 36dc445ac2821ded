package io.github.lotus4j.serve;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** An image on its way. Thread-safe. */
final class Job implements Predictor.Watch {
    private final String id;
    private final String name;
    private final byte[] file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private JobState state = new JobState.Waiting(0);
    private volatile boolean cancelled;

    /**
     * @param id that nobody guesses
     * @param name of the image's file
     * @param file what is in it
     */
    Job(String id, String name, byte[] file) {
        this.id = id;
        this.name = name;
        this.file = file;
    }

    String id() {
        return id;
    }

    String name() {
        return name;
    }

    byte[] file() {
        return file;
    }

    /** What has ended stays as it is. */
    void become(JobState next) {
        lock.lock();
        try {
            if (!state.ended()) {
                state = next;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return the state as soon as it is another than {@code seen}; the same after {@code most} */
    JobState await(@Nullable JobState seen, Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (state.equals(seen) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it at once while it waits; while it is predicted, as soon as the prediction asks. */
    void cancel() {
        cancelled = true;
        lock.lock();
        try {
            if (state instanceof JobState.Waiting) {
                become(new JobState.Cancelled());
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void at(String stage, double fraction) {
        become(new JobState.Running(stage, fraction));
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }
}
