package io.github.lotus4j.output;

import java.util.Objects;

/**
 * A file of a prediction that is not written yet. It may be written several times, by several threads: the same bytes each time.
 *
 * @param name without a folder
 */
public record PredictionFile(String name, FileContent content) {
    public PredictionFile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(content, "content");
    }
}
