package io.github.lotus4j.spark;

import java.util.Locale;

/** How far a run is, which may take days. Thread-safe. */
final class RunProgress {
    private static final double HOUR = 3600;

    private final long images;
    private final long started = System.nanoTime();
    private long done;

    RunProgress(long images) {
        this.images = images;
    }

    /** What is to be told when so many more have been predicted. */
    synchronized String after(long more) {
        done += more;
        return told(done, images, (System.nanoTime() - started) / 1e9);
    }

    static String told(long done, long images, double seconds) {
        double left = (images - done) * seconds / done;
        return String.format(
                Locale.ROOT,
                "%,d of %,d images predicted, %,.1f a second, %s left",
                done,
                images,
                done / seconds,
                left < HOUR
                        ? String.format(Locale.ROOT, "%.0f min", left / 60)
                        : String.format(Locale.ROOT, "%.1f h", left / HOUR));
    }
}
