package io.github.lotus4j.serve;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Images that wait, in the order in which they came, and the one that is predicted. Thread-safe. */
final class PredictionQueue implements AutoCloseable {
    private final Predictor predictor;
    private final Results results;
    private final int most;
    private final PrintWriter log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final Deque<Job> waiting = new ArrayDeque<>();
    private @Nullable Job running;
    private boolean closed;
    private final Thread worker = Thread.ofPlatform().name("lotus-predict").unstarted(this::work);

    /**
     * @param most that may wait
     * @param log where what is nobody's fault but the program's is told
     */
    PredictionQueue(Predictor predictor, Results results, int most, PrintWriter log) {
        this.predictor = predictor;
        this.results = results;
        this.most = most;
        this.log = log;
    }

    void start() {
        worker.start();
    }

    /** Says before an image is sent that it would be in vain. */
    void requireRoom() throws Refusal {
        lock.lock();
        try {
            if (closed) {
                throw Refusal.busy("the server is closing");
            }
            if (waiting.size() >= most) {
                throw Refusal.busy(waiting.size() + " images wait already, which is all that may; try again later");
            }
        } finally {
            lock.unlock();
        }
    }

    void add(Job job) throws Refusal {
        lock.lock();
        try {
            requireRoom();
            waiting.addLast(job);
            tellPlaces();
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Its place is free at once if it waits. */
    void cancel(Job job) {
        job.cancel();
        lock.lock();
        try {
            if (waiting.remove(job)) {
                tellPlaces();
            }
        } finally {
            lock.unlock();
        }
    }

    private void tellPlaces() {
        int ahead = running == null ? 0 : 1;
        for (Job each : waiting) {
            each.become(new JobState.Waiting(ahead++));
        }
    }

    private void work() {
        for (Job job = next(); job != null; job = next()) {
            job.become(predict(job));
        }
    }

    /** @return null when this is closed */
    private @Nullable Job next() {
        lock.lock();
        try {
            running = null;
            while (waiting.isEmpty() && !closed) {
                added.awaitUninterruptibly();
            }
            running = waiting.poll();
            if (running != null) {
                running.at("read", 0);
            }
            tellPlaces();
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** @return how it ended */
    private JobState predict(Job job) {
        try {
            RgbImage image = RgbImage.decode(job.name(), job.file());
            Predictor.Prediction prediction = predictor.predict(image, job.name(), job);
            results.add(job.id(), prediction);
            if (job.cancelled()) { // who cancels later removes the result
                results.remove(job.id());
                return new JobState.Cancelled();
            }
            return new JobState.Done(prediction);
        } catch (CancellationException e) {
            return new JobState.Cancelled();
        } catch (LotusException e) {
            return new JobState.Failed(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            return new JobState.Failed("Java's memory is used up (" + e.getMessage() + "); take a smaller image");
        } catch (RuntimeException | Error e) { // the next image may do better
            log.println("lotus: unexpected " + e);
            return new JobState.Failed("unexpected " + e);
        }
    }

    /** Cancels all that waits, and what is predicted, and waits for its end. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.forEach(Job::cancel);
            waiting.clear();
            if (running != null) {
                running.cancel();
            }
            added.signal();
        } finally {
            lock.unlock();
        }
        joinUninterruptibly();
    }

    private void joinUninterruptibly() {
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true; // what the worker uses is closed next
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
