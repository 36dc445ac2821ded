package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;

/** A file that cannot be written; nothing of it is left behind. */
public class OutputException extends LotusException {
    private static final long serialVersionUID = 1L;

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }
}
