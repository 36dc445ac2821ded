package io.github.lotus4j.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that is being written, under a hidden name beside its target, of another name each time. It is locked until it is moved, by
 * which another process tells it from what a killed one left. Where there are no locks, that cannot be told, and nothing is deleted;
 * where they are of one machine only, as of some network file systems, other machines' files are taken for left ones.
 */
public final class Part implements AutoCloseable {
    /** Of the target's name: most file systems take 255 of a name, of which a part's has 43 of its own. */
    private static final int MOST_BYTES = 212;

    /** The target's name, what is the same for all parts of a process, and what is not. */
    private static final Pattern NAME =
            Pattern.compile("\\.(.+)\\.([0-9a-f]{8})((?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.part");

    /** A process that opens and closes what it has locked itself has it no longer: so it does not even look at its own. */
    private static final String PROCESS = UUID.randomUUID().toString().substring(0, 8);

    /** A byte that nobody writes: some systems keep everybody else from writing to what is locked. */
    private static final long LOCKED = Long.MAX_VALUE - 1;

    /** Another process that deletes what is left may come between creating a file and locking it. */
    private static final int TRIES = 10;

    private final Path target;
    private final Path path;
    private final @Nullable FileChannel channel; // absent of file systems in memory or in an archive

    private Part(Path target, Path path, @Nullable FileChannel channel) {
        this.target = target;
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates it, empty, and its folder.
     *
     * @throws IOException if it cannot be created; it is not there then
     */
    public static Part begin(Path target) throws IOException {
        Path folder = target.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (!isLockable(target)) {
            return new Part(target, path(target), null);
        }
        for (int i = 0; i < TRIES; i++) {
            Path path = path(target);
            FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (isOurs(channel) && Files.exists(path)) {
                return new Part(target, path, channel);
            }
            channel.close();
            Files.deleteIfExists(path);
        }
        throw new FileSystemException(
                target.toString(), null, "another process deletes what is begun, " + TRIES + " times");
    }

    private static boolean isLockable(Path path) {
        return path.getFileSystem().equals(FileSystems.getDefault());
    }

    private static boolean isOurs(FileChannel channel) {
        try {
            return channel.tryLock(LOCKED, 1, false) != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true; // there are no locks
        }
    }

    private static Path path(Path target) {
        String name = String.valueOf(target.getFileName());
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            end = name.offsetByCodePoints(end, -1);
        }
        String unique = PROCESS + UUID.randomUUID().toString().substring(PROCESS.length());
        return target.resolveSibling("." + name.substring(0, end) + "." + unique + ".part");
    }

    /** Where it is: for programs that write to it. */
    public Path path() {
        return path;
    }

    /** What is written to it. To be closed before {@link #finish()}. */
    OutputStream output() throws IOException {
        return channel == null
                ? Files.newOutputStream(path, StandardOpenOption.CREATE_NEW)
                : new ToChannel(channel); // another descriptor that is closed would end the lock
    }

    /** Has it appear, written, as the target, in one step and over an older one. */
    public void finish() throws IOException {
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes what is not finished. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }

    /** What a file would have been called in the end, if it is called as a part; of a long name, the beginning. */
    public static Optional<String> targetOf(String file) {
        Matcher part = NAME.matcher(file);
        return part.matches() ? Optional.of(part.group(1)) : Optional.empty();
    }

    /**
     * Deletes a part, unless somebody still writes it.
     *
     * @throws IOException if that cannot be told, or it cannot be deleted
     */
    public static void deleteIfLeft(Path part) throws IOException {
        Matcher name = NAME.matcher(String.valueOf(part.getFileName()));
        if (!name.matches() || name.group(2).equals(PROCESS) || !isLockable(part)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            if (channel.tryLock(LOCKED, 1, false) != null) {
                Files.deleteIfExists(part);
            }
        } catch (OverlappingFileLockException e) {
            // this class, loaded once more, writes it
        }
    }

    /** An interrupt would close a channel that is written to: it is kept for later. */
    private static final class ToChannel extends OutputStream {
        private final FileChannel channel;

        ToChannel(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                ByteBuffer rest = ByteBuffer.wrap(bytes, from, count);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
