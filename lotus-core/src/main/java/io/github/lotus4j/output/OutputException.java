package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that cannot be written; nothing of it is left behind. */
public class OutputException extends LotusException {
    private static final long serialVersionUID = 1L;

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }

    static OutputException denied(Path target, String where, AccessDeniedException cause) {
        return new OutputException(target + " cannot be written: permission denied on " + where, cause);
    }

    static OutputException noFolder(Path target, FileAlreadyExistsException cause) {
        return new OutputException(
                target + " cannot be written: " + cause.getFile() + " is a file, expected a folder", cause);
    }

    /** What a user can do about a file that cannot be written. */
    public static OutputException of(Path target, IOException cause) {
        return switch (cause) {
            case AccessDeniedException e -> denied(target, String.valueOf(seen(e.getFile())), e);
            case FileAlreadyExistsException e -> noFolder(target, e);
            case FileSystemException e
            when e.getReason() == null ->
                new OutputException(target + " cannot be written: " + e, e); // its message is the file's name alone
            default -> new OutputException(target + " cannot be written: " + cause.getMessage(), cause);
        };
    }

    /** Not a name that only we know: of a part, its folder. */
    private static @Nullable String seen(@Nullable String file) {
        if (file == null) {
            return null;
        }
        int leaf = Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1;
        boolean part = Part.targetOf(file.substring(leaf)).isPresent();
        return part && leaf > 1 ? file.substring(0, leaf - 1) : file;
    }
}
