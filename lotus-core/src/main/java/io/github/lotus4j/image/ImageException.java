package io.github.lotus4j.image;

import io.github.lotus4j.error.LotusException;

/** An image that cannot be read or used. */
public final class ImageException extends LotusException {
    private static final long serialVersionUID = 1L;

    public ImageException(String message) {
        super(message);
    }

    public ImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
