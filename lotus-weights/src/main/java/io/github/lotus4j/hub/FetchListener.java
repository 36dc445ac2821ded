package io.github.lotus4j.hub;

import java.time.Duration;
import java.util.Optional;

/** Is told how a download goes: by one thread at a time, several of them in turn, which wait until it returns. */
@FunctionalInterface
public interface FetchListener {
    /** Wants to know nothing. */
    FetchListener NONE = now -> {};

    /** What the download is busy with. */
    enum Stage {
        /** Another process downloads the same file, and is waited for. */
        WAITING,
        DOWNLOADING,
        /** A file is whole, and its hash is computed. */
        CHECKING
    }

    /**
     * @param file in the repository
     * @param done bytes of all files that are there
     * @param total bytes of all files
     */
    record Progress(Stage stage, String file, long done, long total) {}

    /**
     * @param files that are missing in the cache
     * @param bytes that are still to be downloaded of them
     * @param licence as the repository's page states it
     */
    record Plan(HubReference reference, String commit, int files, long bytes, Optional<String> licence) {}

    /** Before the first byte of a file. */
    default void planned(Plan plan) {}

    void progress(Progress now);

    /**
     * Something failed that may pass, and is tried again.
     *
     * @param what was asked for
     * @param pause before the next try
     */
    default void failed(String what, String reason, Duration pause) {}
}
