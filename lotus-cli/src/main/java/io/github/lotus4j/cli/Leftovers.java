package io.github.lotus4j.cli;

import io.github.lotus4j.output.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a run that was killed had begun to write: hidden files, called after the results that they would have become. */
final class Leftovers {
    private Leftovers() {}

    /**
     * Deletes those of images that are about to be done again, unless another process still writes them.
     *
     * @param output where results are written to
     */
    static void delete(Path output, List<Source> sources) {
        Map<Path, Set<String>> names = new HashMap<>();
        for (Source each : sources) {
            int leaf = each.name().lastIndexOf('/') + 1;
            names.computeIfAbsent(output.resolve(each.name().substring(0, leaf)), folder -> new HashSet<>())
                    .add(each.name().substring(leaf));
        }
        names.forEach((folder, of) -> delete(folder, result -> isOf(of, result)));
    }

    /** Deletes those of results in this folder that are called so. */
    static void delete(Path folder, Predicate<String> results) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path part : entries.filter(each -> isPart(String.valueOf(each.getFileName()), results))
                    .toList()) {
                delete(part);
            }
        } catch (IOException | UncheckedIOException e) {
            // they are in nobody's way
        }
    }

    private static void delete(Path part) {
        try {
            Part.deleteIfLeft(part);
        } catch (IOException e) {
            // another run has just finished it, or it is another user's: the others are looked at all the same
        }
    }

    private static boolean isPart(String file, Predicate<String> results) {
        return Part.targetOf(file).filter(results).isPresent();
    }

    /** Results are called NAME_…, and so may names be. */
    private static boolean isOf(Set<String> names, String result) {
        for (int end = result.indexOf('_'); end >= 0; end = result.indexOf('_', end + 1)) {
            if (names.contains(result.substring(0, end))) {
                return true;
            }
        }
        return false;
    }
}
