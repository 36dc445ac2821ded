package io.github.lotus4j.weights;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A checkpoint, or a file of it, that cannot be used as it is. */
public class CheckpointException extends LotusException {
    private static final long serialVersionUID = 1L;

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

    static CheckpointException unreadable(Path file, IOException cause) {
        String reason =
                switch (cause) {
                    case NoSuchFileException missing -> "it does not exist";
                    case FileSystemException e when e.getReason() != null -> e.getReason();
                    default -> cause.getMessage();
                };
        return new CheckpointException("cannot read " + file + ": " + reason, cause);
    }
}
