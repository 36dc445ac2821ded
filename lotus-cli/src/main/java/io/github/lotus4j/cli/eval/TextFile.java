package io.github.lotus4j.cli.eval;

import io.github.lotus4j.output.NewFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Files of text, in UTF-8. */
final class TextFile {
    private TextFile() {}

    /**
     * Creates it, or replaces it as a whole.
     *
     * @return the file
     */
    static Path write(Path file, String text) {
        return NewFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
