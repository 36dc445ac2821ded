package io.github.lotus4j.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/** A file that is there as a whole or not at all: written under another name, then moved, over an older one if there is. */
public final class NewFile {
    /** Of the target's name: most file systems take 255 of a name, of which a part's has 43 of its own. */
    private static final int MOST_BYTES = 212;

    private NewFile() {}

    /**
     * Creates the folder as well.
     *
     * @return the target
     * @throws OutputException if it cannot be written
     */
    public static Path write(Path target, FileContent content) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(content, "content");
        Path whole = target.toAbsolutePath().normalize();
        Path folder = whole.getParent();
        if (folder == null) {
            throw new OutputException(
                    target + " cannot be written: it is the root", new AccessDeniedException(target.toString()));
        }
        Path part = part(whole);
        try {
            Files.createDirectories(folder);
            try {
                try (OutputStream out =
                        new BufferedOutputStream(Files.newOutputStream(part, StandardOpenOption.CREATE_NEW))) {
                    content.writeTo(out);
                }
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (AccessDeniedException e) {
            throw OutputException.denied(target, denied(e, part, folder), e);
        } catch (FileAlreadyExistsException e) {
            throw OutputException.noFolder(target, e);
        } catch (IOException e) {
            String reason = e instanceof FileSystemException failure && failure.getReason() == null
                    ? e.toString() // its message is the file's name alone
                    : e.getMessage();
            throw new OutputException(target + " cannot be written: " + reason, e);
        }
        return target;
    }

    /** A hidden file beside the target, of another name each time, no longer than file systems take. */
    public static Path part(Path target) {
        String name = String.valueOf(target.getFileName());
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            end = name.offsetByCodePoints(end, -1);
        }
        return target.resolveSibling("." + name.substring(0, end) + "." + UUID.randomUUID() + ".part");
    }

    /** What a user can change: not a name that only this class knows. */
    private static String denied(AccessDeniedException e, Path part, Path folder) {
        return part.toString().equals(e.getFile()) ? folder.toString() : e.getFile();
    }
}
