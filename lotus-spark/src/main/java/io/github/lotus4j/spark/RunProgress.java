package io.github.lotus4j.spark;

import java.util.Locale;

/** How far a run is, which may take days. Thread-safe. */
final class RunProgress {
    private static final double HOUR = 3600;

    private final long images;
    private final long started = System.nanoTime();
    private long done;
    private long failed;

    RunProgress(long images) {
        this.images = images;
    }

    /**
     * What is to be told when more have been predicted.
     *
     * @param moreFailed of them
     */
    synchronized String after(long more, long moreFailed) {
        done += more;
        failed += moreFailed;
        return told(done, failed, images, (System.nanoTime() - started) / 1e9);
    }

    static String told(long done, long failed, long images, double seconds) {
        double left = (images - done) * seconds / done;
        return String.format(
                Locale.ROOT,
                "%,d of %,d images predicted, %,d failed, %,.1f a second, %s left",
                done,
                images,
                failed,
                done / seconds,
                left < HOUR
                        ? String.format(Locale.ROOT, "%.0f min", left / 60)
                        : String.format(Locale.ROOT, "%.1f h", left / HOUR));
    }
}
