package io.github.lotus4j.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How many of how many, how fast, and how long the rest will take at that. Not thread-safe. */
final class Pace {
    private final int total;
    private final LongSupplier clock;
    private final long start;
    private int done;
    private long last;

    /**
     * Begins now.
     *
     * @param clock in nanoseconds
     */
    Pace(int total, LongSupplier clock) {
        this.total = total;
        this.clock = clock;
        start = clock.getAsLong();
    }

    /** One more is done. */
    void step() {
        done++;
        last = clock.getAsLong();
    }

    @Override
    public String toString() {
        if (done == 0) {
            return "0 of " + total;
        }
        double seconds = Math.max(last - start, 1) / 1e9 / done;
        String speed = seconds < 1
                ? String.format(Locale.ROOT, "%.1f images/s", 1 / seconds)
                : String.format(Locale.ROOT, "%.1f s an image", seconds);
        return done + " of " + total + ", " + speed + ", " + time(seconds * (total - done)) + " left";
    }

    private static String time(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        return left.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
    }
}
