package io.github.lotus4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What tells that a file is still the same, without reading it.
 *
 * @param bytes how large it is
 * @param modified when it was last written, in UTC, to the millisecond
 */
record FileStamp(long bytes, String modified) {
    /** Empty where there is no such file. */
    static Optional<FileStamp> of(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            String modified = found.lastModifiedTime()
                    .toInstant()
                    .truncatedTo(ChronoUnit.MILLIS)
                    .toString();
            return found.isRegularFile() ? Optional.of(new FileStamp(found.size(), modified)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
