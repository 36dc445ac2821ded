package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The embedded miniatures, copied to a private folder for as long as they are being loaded. */
record NanoFolder(Path root) implements AutoCloseable {
    private static final String RESOURCES = "io/github/lotus4j/nano/";

    static NanoFolder extract() {
        try {
            NanoFolder folder = new NanoFolder(Files.createTempDirectory("lotus-nano"));
            boolean complete = false;
            try {
                for (String file : index()) {
                    Path to = folder.root.resolve(file);
                    Files.createDirectories(to.getParent());
                    try (InputStream in = open(file)) {
                        if (in == null) {
                            throw new LotusException("lotus-nano is incomplete: " + file + " is missing");
                        }
                        Files.copy(in, to);
                    }
                }
                complete = true;
                return folder;
            } finally {
                if (!complete) {
                    folder.close();
                }
            }
        } catch (IOException e) {
            throw new LotusException("the embedded miniature cannot be copied to a temporary folder: " + e, e);
        }
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

    Path disparity() {
        return root.resolve("lotus-nano-disparity-d");
    }

    Path normal() {
        return root.resolve("lotus-nano-normal-d");
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
