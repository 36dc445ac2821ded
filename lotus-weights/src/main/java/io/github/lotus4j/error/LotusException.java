package io.github.lotus4j.error;

import org.jspecify.annotations.Nullable;

/**
 * What this library throws when something outside it is wrong: a file, an image, a device. The message names the input,
 * what was found and what was expected, and is fit to be shown to a user.
 */
public class LotusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LotusException(String message) {
        super(message);
    }

    public LotusException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
