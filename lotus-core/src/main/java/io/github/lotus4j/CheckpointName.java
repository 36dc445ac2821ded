package io.github.lotus4j;

import io.github.lotus4j.weights.Checkpoint;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What the name of a checkpoint says about it; nothing in its weights does. */
public record CheckpointName(String name) {
    public static CheckpointName of(String name) {
        Objects.requireNonNull(name, "name");
        return new CheckpointName(name.toLowerCase(Locale.ROOT));
    }

    /** Of a folder or file, in the hub's cache of the repository. */
    public static CheckpointName of(Path path) {
        Objects.requireNonNull(path, "path");
        return of(Checkpoint.nameOf(path));
    }

    /** Whether the name says that it predicts normals. */
    public boolean normal() {
        return name.contains("normal");
    }

    /** Empty where the name says neither depth nor disparity. */
    public Optional<DepthKind> depth() {
        if (name.contains("disparity")) {
            return Optional.of(DepthKind.AFFINE_DISPARITY);
        }
        return name.contains("depth") ? Optional.of(DepthKind.AFFINE_DEPTH) : Optional.empty();
    }

    /** In one word: depth, disparity or normals. */
    public Optional<String> prediction() {
        return normal()
                ? Optional.of("normals")
                : depth().map(kind -> kind == DepthKind.AFFINE_DISPARITY ? "disparity" : "depth");
    }
}
