package io.github.lotus4j.cli.video;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** A running ffmpeg. It may be killed from another thread than the one that reads from it or writes to it. */
final class FfmpegProcess implements AutoCloseable {
    /** Characters of what it says that are kept: the last ones. */
    private static final int KEPT = 1000;

    /** Seconds for a process that was killed to end, or for the rest of what one that has ended said. */
    private static final int PATIENCE = 5;

    private final Process process;
    private final Thread listener;
    private volatile String said = "";

    FfmpegProcess(Process process) {
        this.process = process;
        listener = Thread.ofPlatform().daemon().name("lotus-ffmpeg").start(this::listen);
    }

    static FfmpegProcess start(List<String> command) {
        try {
            return new FfmpegProcess(new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new LotusException(command.getFirst() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Reads all that it says: otherwise it would wait for a reader. */
    private void listen() {
        char[] part = new char[KEPT];
        try (Reader reader = process.errorReader()) {
            for (int read = reader.read(part); read >= 0; read = reader.read(part)) {
                String all = said + new String(part, 0, read);
                said = all.substring(Math.max(all.length() - KEPT, 0));
            }
        } catch (IOException e) {
            // it was killed
        }
    }

    /** What it reads. */
    OutputStream input() {
        return process.getOutputStream();
    }

    /** What it writes. */
    InputStream output() {
        return process.getInputStream();
    }

    /** The last that it said, in one line; empty where it said nothing. */
    String said() {
        return String.join("; ", said.strip().lines().map(String::strip).toList());
    }

    /** @return the exit code */
    private int await() {
        try {
            int code = process.waitFor();
            listener.join(TimeUnit.SECONDS.toMillis(PATIENCE));
            return code;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    /**
     * Waits until it has ended.
     *
     * @param task what cannot be done if it failed
     * @throws LotusException if it failed, with what it said
     */
    void requireDone(String task) {
        int code = await();
        if (code != 0) {
            String why = said();
            throw new LotusException(
                    task + ": ffmpeg ended with code " + code + (why.isEmpty() ? ", and said nothing" : ": " + why));
        }
    }

    /** Ends it, if it still runs, and all that it has started, as a script in its place may have. */
    void kill() {
        if (process.isAlive()) { // once it has ended, its number may be another's
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Ends it, and waits until it has ended. */
    @Override
    public void close() {
        kill();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(PATIENCE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
