package io.github.lotus4j.weights;

import com.sun.management.ThreadMXBean;
import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What may become of input from strangers: a result, or a {@link LotusException} with a message; in either case with memory in
 * proportion to the input. Anything else is thrown on, for fuzzers to report.
 */
public final class Hostile {
    /** Bytes that any reading may take, however small the input: buffers of files, tables of parsers, messages. */
    private static final long ALWAYS = 8_000_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Reads the input. */
    @FunctionalInterface
    public interface Reader {
        void read() throws IOException;
    }

    private Hostile() {}

    /**
     * @param most bytes that reading may allocate, beside some for buffers
     * @throws AssertionError if more were allocated, or the exception has no message
     */
    public static void read(long most, Reader reader) throws IOException {
        long allocated = allocated(reader);
        if (allocated > most + ALWAYS) {
            allocated = allocated(reader); // without the classes that the first time had to load
        }
        if (allocated > most + ALWAYS) {
            throw new AssertionError(
                    "reading allocated %,d bytes, expected at most %,d".formatted(allocated, most + ALWAYS));
        }
    }

    private static long allocated(Reader reader) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            reader.read();
        } catch (LotusException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("an exception without a message", e);
            }
            if (e.getCause() instanceof OutOfMemoryError) { // what was wanted in vain counts as nothing
                throw new AssertionError("reading wanted more memory than there is", e);
            }
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** As {@link #read(long, Reader)}, of a file that the input is written to before. */
    public static void readFile(Path file, byte[] input, long most, Reader reader) throws IOException {
        Files.write(file, input);
        read(most, reader);
    }
}
