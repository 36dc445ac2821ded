package io.github.lotus4j.weights;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A checkpoint, or a file of it, that cannot be used as it is. */
public class CheckpointException extends LotusException {
    private static final long serialVersionUID = 1L;

    /** Findings of a sort that a message lists. */
    private static final int LISTED = 20;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }

    /** One exception for many findings: {@code headline}, then one line for each. */
    static CheckpointException listing(String headline, List<String> findings) {
        return new CheckpointException(headline + ":\n  " + String.join("\n  ", findings));
    }

    /** The first of many findings, and how many more of that sort there are. */
    static List<String> capped(Collection<String> findings, String sort) {
        List<String> capped = new ArrayList<>(findings.stream().limit(LISTED).toList());
        if (findings.size() > LISTED) {
            capped.add("… and " + (findings.size() - LISTED) + " more " + sort);
        }
        return capped;
    }

    /** Refuses what would block, never end or fail obscurely when read; what does not exist is told by reading it. */
    static void requireFile(Path path, String expected) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            String found = Files.isDirectory(path) ? "a folder" : "a device or a pipe";
            throw new CheckpointException("cannot read " + path + ": it is " + found + ", expected " + expected);
        }
    }

    /** A mapped page is gone, which Java tells by an InternalError. */
    static CheckpointException shortened(Object what, InternalError cause) {
        return new CheckpointException(
                what + " cannot be read; has its file been shortened since it was opened?", cause);
    }

    static CheckpointException unreadable(Path file, IOException cause) {
        String reason = switch (cause) {
            case NoSuchFileException missing -> "it does not exist";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> cause.getMessage();
        };
        return new CheckpointException("cannot read " + file + ": " + reason, cause);
    }
}
