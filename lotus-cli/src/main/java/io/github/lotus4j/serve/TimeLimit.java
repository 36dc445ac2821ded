package io.github.lotus4j.serve;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends what the thread that made it does for too long: interrupted, it closes the connection that it writes to. */
final class TimeLimit implements AutoCloseable {
    private final Future<?> end;

    TimeLimit(ScheduledExecutorService clock, Duration most) {
        end = clock.schedule(Thread.currentThread()::interrupt, most.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        end.cancel(false);
    }
}
