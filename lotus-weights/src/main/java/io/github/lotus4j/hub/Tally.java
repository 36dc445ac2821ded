package io.github.lotus4j.hub;

import io.github.lotus4j.hub.FetchListener.Progress;
import io.github.lotus4j.hub.FetchListener.Stage;

/** Counts the bytes of a download. Thread-safe; the listener hears of one at a time. */
final class Tally {
    private final FetchListener listener;
    private final long total;
    private long done;

    Tally(FetchListener listener, long total) {
        this.listener = listener;
        this.total = total;
    }

    synchronized void add(Stage stage, String file, long bytes) {
        done += bytes;
        listener.progress(new Progress(stage, file, done, total));
    }
}
