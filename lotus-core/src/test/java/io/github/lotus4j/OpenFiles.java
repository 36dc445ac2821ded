package io.github.lotus4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open. */
final class OpenFiles {
    private OpenFiles() {}

    /** As Linux tells it: the descriptors that point there, and what is mapped from there. */
    static List<String> in(Path place) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "this system does not tell which files are open");
        try (Stream<Path> files = Files.list(descriptors);
                Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"))) {
            Stream<String> pointed = files.map(OpenFiles::target);
            return Stream.concat(pointed, mapped)
                    .filter(each -> each.contains(place.toString()))
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
