package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * The image files of folders, in the order of their names. What is no image by its suffix is passed over, as are hidden files and
 * folders, links to folders, which may lead in circles, and the folder that results are written to.
 */
final class ImageFolder {
    /** Matches every file. */
    static final PathMatcher ALL = path -> true;

    private final Path output;
    private final SortedSet<String> suffixes = new TreeSet<>();

    /** @param output where results are written to; need not exist */
    ImageFolder(Path output) {
        this.output = output;
        for (String suffix : ImageIO.getReaderFileSuffixes()) {
            if (!suffix.isEmpty()) {
                suffixes.add(suffix.toLowerCase(Locale.ROOT));
            }
        }
    }

    /** The suffixes by which images are known, in words. */
    String suffixes() {
        return String.join(", ", suffixes);
    }

    /**
     * @param depth how many levels of folders are looked into, 1 for the folder alone
     * @param wanted asked with paths below the folder
     * @throws LotusException if a folder cannot be read, or it is the one that results are written to
     */
    List<Source> images(Path folder, int depth, PathMatcher wanted) {
        if (isOutput(folder)) {
            throw new LotusException("images are taken from " + folder
                    + ", where results go, which would be taken for images the next time; choose another --output");
        }
        List<Source> found = new ArrayList<>();
        collect(folder, "", depth, wanted, found);
        return found;
    }

    private void collect(Path folder, String above, int depth, PathMatcher wanted, List<Source> found) {
        for (Path entry : entries(folder)) {
            String name = name(entry);
            if (name.startsWith(".")) {
                continue;
            }
            String path = above + name;
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                if (depth > 1 && !isOutput(entry)) {
                    collect(entry, path + "/", depth - 1, wanted, found);
                }
            } else if (isImage(name) && wanted.matches(Path.of(path)) && !Files.isDirectory(entry)) {
                found.add(Source.of(path, entry));
            }
        }
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted(Comparator.comparing(ImageFolder::name)).toList();
        } catch (AccessDeniedException e) {
            throw new LotusException(folder + " cannot be read: permission denied", e);
        } catch (IOException | UncheckedIOException e) {
            throw new LotusException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private boolean isImage(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 && suffixes.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    private boolean isOutput(Path folder) {
        try {
            return Files.isDirectory(output) && Files.isSameFile(folder, output);
        } catch (IOException e) { // whoever reads it says more
            return false;
        }
    }
}
