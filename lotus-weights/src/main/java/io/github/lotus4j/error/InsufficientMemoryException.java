package io.github.lotus4j.error;

import java.util.Locale;

/** A prediction needs more memory than there is; nothing of it has been computed. */
public class InsufficientMemoryException extends LotusException {
    private static final long serialVersionUID = 1L;

    private final long needed;
    private final long available;

    /**
     * @param what needs the memory
     * @param needed bytes
     * @param available bytes
     * @param cure what a user can do
     */
    public InsufficientMemoryException(String what, long needed, long available, String cure) {
        super("%s needs %s, found %s; %s".formatted(what, megabytes(needed), megabytes(available), cure));
        this.needed = needed;
        this.available = available;
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", (bytes + 999_999) / 1_000_000);
    }

    /** Bytes that would be needed. */
    public long needed() {
        return needed;
    }

    /** Bytes that there are at most. */
    public long available() {
        return available;
    }
}
