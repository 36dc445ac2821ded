package io.github.lotus4j.output;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that is being written, under a hidden name beside its target, of another name each time. It is locked meanwhile, by which
 * another process tells it from what a killed one left. Where a file system has no locks, that cannot be told, and nothing is deleted.
 */
public final class Part implements AutoCloseable {
    /** Of the target's name: most file systems take 255 of a name, of which a part's has 43 of its own. */
    private static final int MOST_BYTES = 212;

    private static final Pattern NAME = Pattern.compile("\\.(.+)\\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.part");

    /** A byte that nobody writes: some systems keep everybody else from writing to what is locked. */
    private static final long LOCKED = Long.MAX_VALUE - 1;

    private final Path target;
    private final Path path;
    private final FileChannel channel;

    private Part(Path target, Path path, FileChannel channel) {
        this.target = target;
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates it, empty.
     *
     * @throws IOException if it cannot be created; it is not there then
     */
    public static Part begin(Path target) throws IOException {
        Path path = path(target);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.tryLock(LOCKED, 1, false);
        } catch (IOException e) {
            // there are no locks
        }
        return new Part(target, path, channel);
    }

    private static Path path(Path target) {
        String name = String.valueOf(target.getFileName());
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            end = name.offsetByCodePoints(end, -1);
        }
        return target.resolveSibling("." + name.substring(0, end) + "." + UUID.randomUUID() + ".part");
    }

    /** What the file is to be written to. */
    public Path path() {
        return path;
    }

    /** Has it appear, written and closed, as the target, in one step and over an older one. */
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
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            if (channel.tryLock(LOCKED, 1, false) != null) {
                Files.deleteIfExists(part);
            }
        } catch (OverlappingFileLockException e) {
            // another run of this process
        }
    }
}
