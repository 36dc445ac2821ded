package io.github.lotus4j.hub;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A checkpoint that cannot be had from the hub or its cache. */
public class HubException extends LotusException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        super(message);
    }

    public HubException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A file of the cache that cannot be read, written, linked or locked. */
    static HubException file(String verb, Path file, IOException cause) {
        String reason = switch (cause) {
            case NoSuchFileException missing -> "it does not exist";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> cause.getMessage();
        };
        return new HubException("cannot " + verb + " " + file + ": " + reason, cause);
    }
}
