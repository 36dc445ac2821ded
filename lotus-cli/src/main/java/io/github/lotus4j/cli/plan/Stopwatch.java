package io.github.lotus4j.cli.plan;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Times pieces of work in turn, so that what else the machine does meanwhile meets all of them alike. */
final class Stopwatch {
    /** Nanoseconds after which what Java had to compile of a piece is compiled, if it takes as long; each runs once at least. */
    private static final long WARM = 1_000_000_000;

    private final LongSupplier clock;

    /** @param clock in nanoseconds */
    Stopwatch(LongSupplier clock) {
        this.clock = clock;
    }

    /** @return the median of each piece's times, in seconds */
    double[] medians(List<Runnable> pieces, int rounds) {
        for (Runnable piece : pieces) {
            long end = clock.getAsLong() + WARM;
            do {
                piece.run();
            } while (clock.getAsLong() < end);
        }
        double[][] times = new double[pieces.size()][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < pieces.size(); i++) {
                long start = clock.getAsLong();
                pieces.get(i).run();
                times[i][round] = Math.max(clock.getAsLong() - start, 1) / 1e9;
            }
        }
        return Arrays.stream(times).mapToDouble(Stopwatch::median).toArray();
    }

    private static double median(double[] times) {
        Arrays.sort(times);
        int middle = times.length / 2;
        return times.length % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
    }
}
