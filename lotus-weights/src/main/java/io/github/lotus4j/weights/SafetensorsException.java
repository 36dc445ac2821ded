package io.github.lotus4j.weights;

import java.nio.file.Path;

/** A file that breaks the safetensors format. */
public final class SafetensorsException extends CheckpointException {
    private static final long serialVersionUID = 1L;

    SafetensorsException(Path file, String fault) {
        super(file + " is not a valid safetensors file: " + fault);
    }

    SafetensorsException(Path file, String fault, Throwable cause) {
        super(file + " is not a valid safetensors file: " + fault, cause);
    }
}
