package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder. */
record FolderSource(Path folder) implements DataSource {
    @Override
    public byte[] read(String path) {
        return read(folder.resolve(path));
    }

    /** @throws LotusException if it cannot be read, or is too large */
    static byte[] read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST_FILE) {
                throw new LotusException("%s has %,d bytes, expected at most %,d".formatted(file, size, LARGEST_FILE));
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new LotusException(file + " does not exist, expected a file", e);
        } catch (AccessDeniedException e) {
            throw new LotusException(file + " cannot be read: permission denied", e);
        } catch (IOException e) {
            throw new LotusException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String describe(String path) {
        return folder.resolve(path).toString();
    }

    @Override
    public List<String> files() {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new LotusException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {}
}
