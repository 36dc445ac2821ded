package io.github.lotus4j.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A file that is there as a whole or not at all: written under another name, then moved, over an older one if there is. */
public final class NewFile {
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
        try {
            Files.createDirectories(folder);
            try (Part part = Part.begin(whole)) {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part.path()))) {
                    content.writeTo(out);
                }
                part.finish();
            }
        } catch (AccessDeniedException e) {
            throw OutputException.denied(target, denied(e, folder), e);
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

    /** What a user can change: not a name that only this class knows. */
    private static String denied(AccessDeniedException e, Path folder) {
        Path file = Path.of(e.getFile());
        return Part.targetOf(String.valueOf(file.getFileName())).isPresent() ? folder.toString() : e.getFile();
    }
}
