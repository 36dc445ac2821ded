package io.github.lotus4j.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Objects;

/** A file that is there as a whole or not at all: written under another name, then moved, over an older one if there is. */
public final class NewFile {
    private NewFile() {}

    /**
     * Creates the folder as well.
     *
     * @return the target
     * @throws OutputException if it cannot be written
     */
    public static Path write(Path target, FileContent content) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(content, "content");
        Path whole = target.toAbsolutePath().normalize();
        if (whole.getParent() == null) {
            throw new OutputException(
                    target + " cannot be written: it is the root", new AccessDeniedException(target.toString()));
        }
        try (Part part = Part.begin(whole)) {
            try (OutputStream out = new BufferedOutputStream(part.output())) {
                content.writeTo(out);
            }
            part.finish();
        } catch (IOException e) {
            throw OutputException.of(target, e);
        }
        return target;
    }
}
