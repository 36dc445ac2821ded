package io.github.lotus4j.output;

import java.io.IOException;
import java.io.OutputStream;

/** What a file holds, made while it is written. */
@FunctionalInterface
public interface FileContent {
    /** Leaves the stream open. */
    void writeTo(OutputStream out) throws IOException;
}
