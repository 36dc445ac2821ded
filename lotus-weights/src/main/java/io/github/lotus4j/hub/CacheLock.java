package io.github.lotus4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Keeps two of ours from downloading one blob at once. The system gives a lock back when its process ends, however it does. Python's
 * locks are of another kind and exclude only Python; nothing is damaged by that, since both write under names of their own and move
 * what is whole.
 */
final class CacheLock implements AutoCloseable {
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final FileChannel channel;

    private CacheLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits until nobody else has it.
     *
     * @param waiting is told once, if it has to
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    static CacheLock acquire(Path file, Runnable waiting) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            boolean locked = false;
            try {
                if (!tryLock(channel)) {
                    waiting.run();
                    do { // on one channel: to close another of the same file would give back a lock of this process
                        Retries.sleep(GLANCE);
                    } while (!tryLock(channel));
                }
                locked = true;
                return new CacheLock(channel);
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw HubException.file("lock", file, e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another thread of this process has it
        }
    }

    /** The file stays: whoever waits for it has it open. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // it is given back when the process ends
        }
    }
}
