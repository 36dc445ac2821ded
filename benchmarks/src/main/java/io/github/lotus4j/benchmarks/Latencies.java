package io.github.lotus4j.benchmarks;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts durations in steps of 2 %, so that memory does not grow with them. Several threads may add at once. */
final class Latencies {
    static final String HEAD = """
            | request | count | median, ms | 90 % | 99 % | longest |
            |---|---|---|---|---|---|
            """;

    private static final double STEP = Math.log(1.02);
    private static final int STEPS = (int) (Math.log(Long.MAX_VALUE) / STEP) + 1;

    private final String name;
    private final AtomicLongArray counts = new AtomicLongArray(STEPS);

    Latencies(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void add(long nanoseconds) {
        counts.incrementAndGet((int) (Math.log((double) Math.max(1, nanoseconds)) / STEP));
    }

    long count() {
        long sum = 0;
        for (int i = 0; i < STEPS; i++) {
            sum += counts.get(i);
        }
        return sum;
    }

    /** In milliseconds; 0 where there are none. */
    double median() {
        return quantile(0.5);
    }

    private double quantile(double share) {
        long left = (long) Math.ceil(share * (double) count());
        for (int i = 0; i < STEPS && left > 0; i++) {
            left -= counts.get(i);
            if (left <= 0) {
                return Math.exp((i + 0.5) * STEP) / 1e6;
            }
        }
        return 0;
    }

    /** A line of the table that {@link #HEAD} begins. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.1f | %.1f | %.1f | %.1f |%n",
                name,
                count(),
                quantile(0.5),
                quantile(0.9),
                quantile(0.99),
                quantile(1));
    }
}
