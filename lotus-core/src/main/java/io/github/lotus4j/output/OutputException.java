package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

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
}
