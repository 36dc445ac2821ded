package io.github.lotus4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a checkpoint is called, and what may have been meant when there is none at a path. */
final class Neighbours {
    private static final String CACHED = "models--";

    private Neighbours() {}

    static String name(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent != null && parent.endsWith("snapshots") && parent.getParent() != null) {
            String repository = fileName(parent.getParent());
            if (repository.startsWith(CACHED)) {
                return repository.substring(repository.lastIndexOf("--") + 2);
            }
        }
        String name = fileName(absolute);
        return name.endsWith(".safetensors") ? name.substring(0, name.length() - ".safetensors".length()) : name;
    }

    /** For a path that does not exist: the folder or file beside it whose name differs in case and punctuation only. */
    static String suggestion(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        String wanted = plain(fileName(absolute));
        if (parent == null || !Files.isDirectory(parent) || wanted.isEmpty()) {
            return "";
        }
        return didYouMean(children(parent, child -> {
            String name = plain(fileName(child));
            return !name.isEmpty() && (name.startsWith(wanted) || wanted.startsWith(name));
        }));
    }

    /** For a folder that is no checkpoint: the one above or below it that is. */
    static String insteadOf(Path folder) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        if (parent != null && isCheckpoint(parent)) {
            return didYouMean(List.of(parent));
        }
        if (!Files.isDirectory(folder) || isCheckpoint(folder)) {
            return "";
        }
        Path snapshots = folder.resolve("snapshots"); // the hub's cache keeps one folder a commit
        return didYouMean(children(Files.isDirectory(snapshots) ? snapshots : folder, Neighbours::isCheckpoint));
    }

    private static boolean isCheckpoint(Path folder) {
        return Files.isDirectory(folder.resolve("unet"));
    }

    private static String didYouMean(List<Path> paths) {
        return paths.isEmpty() ? "" : "; did you mean " + paths.getFirst() + "?";
    }

    private static List<Path> children(Path folder, Predicate<Path> fits) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(fits).sorted().toList();
        } catch (IOException e) {
            return List.of(); // a suggestion is not worth another error
        }
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    private static String fileName(Path path) {
        Path name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }
}
