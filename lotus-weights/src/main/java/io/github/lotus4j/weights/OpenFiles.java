package io.github.lotus4j.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files a checkpoint has open, to be closed together. */
final class OpenFiles implements AutoCloseable {
    private final List<SafetensorsFile> files = new ArrayList<>();

    SafetensorsFile open(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        files.add(file);
        return file;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
