package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A private folder that embedded miniatures are copied to for as long as they are being loaded. */
final class NanoFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NanoFolder.class);

    static final String DISPARITY = "lotus-nano-disparity-d";
    static final String NORMAL = "lotus-nano-normal-d";

    /** The same miniature always has the same fingerprint, which looks at times. */
    private static final FileTime SAME_TIME = FileTime.fromMillis(0);

    private static final String RESOURCES = "io/github/lotus4j/nano/";

    private final Path root;

    NanoFolder() {
        try {
            root = Files.createTempDirectory("lotus-nano");
        } catch (IOException e) {
            throw uncopied(e);
        }
    }

    /** Copies one of the miniatures, and gives its folder. */
    Path extract(String miniature) {
        try {
            for (String file : index()) {
                if (file.startsWith(miniature + "/")) {
                    copy(file);
                }
            }
            return root.resolve(miniature);
        } catch (IOException e) {
            throw uncopied(e);
        }
    }

    private void copy(String file) throws IOException {
        Path to = root.resolve(file);
        Files.createDirectories(to.getParent());
        try (InputStream in = open(file)) {
            if (in == null) {
                throw new LotusException("lotus-nano is incomplete: " + file + " is missing");
            }
            Files.copy(in, to);
            Files.setLastModifiedTime(to, SAME_TIME);
        }
    }

    private static LotusException uncopied(IOException e) {
        return new LotusException("the embedded miniature cannot be copied to a temporary folder: " + e, e);
    }

    private static List<String> index() throws IOException {
        try (InputStream in = open("index.txt")) {
            if (in == null) {
                throw new LotusException(
                        "the embedded miniature is not on the class path; add io.github.lotus4j:lotus-nano");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static @Nullable InputStream open(String file) throws IOException {
        ClassLoader loader = NanoFolder.class.getClassLoader();
        return loader.getResourceAsStream(RESOURCES + file);
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) { // what was loaded is whole all the same
            LOG.warn("the temporary folder {} cannot be deleted: {}", root, e.toString());
        }
    }
}
