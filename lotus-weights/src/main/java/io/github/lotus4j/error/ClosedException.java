package io.github.lotus4j.error;

/** What was asked is closed, or is being closed. */
public class ClosedException extends LotusException {
    private static final long serialVersionUID = 1L;

    /** @param what was asked */
    public ClosedException(String what) {
        super(what + " is closed");
    }
}
