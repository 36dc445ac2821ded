package io.github.lotus4j.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** How many of how many, how fast, and how long the rest will take at that. Not thread-safe. */
final class Pace {
    /** What is counted. */
    enum Unit {
        IMAGE("an image", "images"),
        FRAME("a frame", "frames");

        private final String one;
        private final String several;

        Unit(String one, String several) {
            this.one = one;
            this.several = several;
        }
    }

    private final OptionalLong total;
    private final Unit unit;
    private final LongSupplier clock;
    private final long start;
    private long done;
    private long last;

    /**
     * Begins now.
     *
     * @param total where it is known, and if only about
     * @param clock in nanoseconds
     */
    Pace(OptionalLong total, Unit unit, LongSupplier clock) {
        this.total = total;
        this.unit = unit;
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
        boolean known = total.isPresent() && done <= total.getAsLong();
        String count = known ? done + " of " + total.getAsLong() : done + " " + unit.several;
        if (done == 0) {
            return count;
        }
        double seconds = Math.max(last - start, 1) / 1e9 / done;
        String speed = seconds < 1
                ? String.format(Locale.ROOT, "%.1f %s/s", 1 / seconds, unit.several)
                : String.format(Locale.ROOT, "%.1f s %s", seconds, unit.one);
        String counted = count + ", " + speed;
        return known ? counted + ", " + time(seconds * (total.getAsLong() - done)) + " left" : counted;
    }

    private static String time(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        return left.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
    }
}
