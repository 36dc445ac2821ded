package io.github.lotus4j.cli;

import java.nio.file.Path;

/**
 * An image to work on.
 *
 * @param name of its results, below the output folder, with / between folders
 * @param file where it lies
 */
record Source(String name, Path file) {
    /** @param path of the image's results, but with its own suffix */
    static Source of(String path, Path file) {
        return new Source(nameOf(path), file);
    }

    /** @param path of the image's results, but with its own suffix */
    static String nameOf(String path) {
        int leaf = path.lastIndexOf('/') + 1;
        int dot = path.lastIndexOf('.');
        return dot > leaf ? path.substring(0, dot) : path;
    }

    /** The same with its file's suffix in its name, by which images of one name are told apart. */
    Source withSuffix() {
        String leaf = String.valueOf(file.getFileName());
        int dot = leaf.lastIndexOf('.');
        return dot > 0 ? new Source(name + leaf.substring(dot), file) : this;
    }

    /** An image that was named by itself. */
    static Source named(Path file) {
        Path leaf = file.getFileName();
        return of(leaf == null ? "image" : leaf.toString(), file);
    }
}
