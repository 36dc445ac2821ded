package io.github.lotus4j.error;

import java.util.Locale;

/** A prediction, or reading an image, needs more memory than there is: than there is at all, before any work, or than is left. */
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

    private InsufficientMemoryException(String message, long needed, OutOfMemoryError cause) {
        super(message, cause);
        this.needed = needed;
        available = Runtime.getRuntime().maxMemory();
    }

    /**
     * Where Java's heap would hold what is needed, but for other objects.
     *
     * @param what needs the memory
     * @param needed bytes
     */
    public static InsufficientMemoryException ofSharedHeap(String what, long needed, OutOfMemoryError cause) {
        String message = what + " needs " + megabytes(needed) + ", and of Java's heap of "
                + megabytes(Runtime.getRuntime().maxMemory()) + ", which other objects share, too little is left;"
                + " take a smaller image or processing resolution, fewer at a time, or give Java more memory (-Xmx)";
        return new InsufficientMemoryException(message, needed, cause);
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
