package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects the images that a command line names: files, folders, patterns, lists of files and folders. Not thread-safe. */
final class Sources {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final ImageFolder folders;
    private final boolean recursive;
    private final String otherwise;
    private final List<Source> found = new ArrayList<>();

    /** @param recursive whether folders are looked into with all that they hold */
    Sources(ImageFolder folders, boolean recursive) {
        this(folders, recursive, recursive ? ", and so are those in it" : "; --recursive looks into those in it");
    }

    /** @param otherwise what is said of a folder without images */
    private Sources(ImageFolder folders, boolean recursive, String otherwise) {
        this.folders = folders;
        this.recursive = recursive;
        this.otherwise = otherwise;
    }

    /** For frames, which lie in one folder. */
    static Sources ofFrames(ImageFolder folders) {
        return new Sources(folders, false, "");
    }

    /**
     * A file, whatever its suffix; a folder; or a pattern, where there is no file of that name.
     *
     * @throws LotusException if there is no image in the folder, none that the pattern matches, or it is no path
     */
    void add(String word) {
        if (!Glob.is(word) || exists(word)) {
            addPath(word);
            return;
        }
        Glob glob = Glob.of(word);
        if (!Files.isDirectory(glob.folder())) {
            throw new LotusException(word + " does not exist, neither as a file nor, as a pattern, its folder");
        }
        List<Source> images = folders.images(glob.folder(), glob.depth(), glob.matcher());
        if (images.isEmpty()) {
            throw new LotusException(word + " does not exist as a file, and matches no image file ("
                    + folders.suffixes() + ") as a pattern");
        }
        found.addAll(images);
    }

    private static boolean exists(String word) {
        try {
            return Files.exists(Path.of(word));
        } catch (InvalidPathException e) { // where no file may be called like a pattern
            return false;
        }
    }

    private void addPath(String word) {
        Path path = path(word);
        if (!Files.isDirectory(path)) {
            found.add(Source.named(path));
            return;
        }
        List<Source> images = folders.images(path, recursive ? Integer.MAX_VALUE : 1, ImageFolder.ALL);
        if (images.isEmpty()) {
            throw new LotusException(
                    path + " is a folder without image files (" + folders.suffixes() + ")" + otherwise);
        }
        found.addAll(images);
    }

    private static Path path(String word) {
        if (word.isEmpty()) {
            throw new LotusException("found an empty name, expected an image or a folder");
        }
        try {
            return Path.of(word);
        } catch (InvalidPathException e) {
            throw new LotusException("found a name that no file can have: " + e.getMessage(), e);
        }
    }

    /**
     * Files and folders, a line each; empty lines are passed over.
     *
     * @param name of the list, for messages
     * @param lines closed by the caller
     * @throws LotusException as {@link #add}, or if the list is empty or cannot be read
     */
    void addLines(String name, BufferedReader lines) {
        int paths = 0;
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String path = paths == 0 && line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
                if (!path.isEmpty()) {
                    addPath(path);
                    paths++;
                }
            }
        } catch (CharacterCodingException e) {
            throw new LotusException(name + " is no list of paths: it is no text in UTF-8", e);
        } catch (IOException e) {
            throw new LotusException(name + " cannot be read: " + e.getMessage(), e);
        }
        if (paths == 0) {
            throw new LotusException(name + " names no image, expected a path a line");
        }
    }

    /**
     * The lines of a file, in UTF-8.
     *
     * @throws LotusException as {@link #addLines}
     */
    void addList(Path list) {
        try (BufferedReader lines = Files.newBufferedReader(list)) {
            addLines(list.toString(), lines);
        } catch (NoSuchFileException e) {
            throw new LotusException(list + " does not exist, expected a list of images", e);
        } catch (IOException e) {
            throw new LotusException(list + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * All that were added, in their order, each file once. Where results of one would overwrite those of another, as of a.jpg and
     * a.png, the names of both have their suffixes.
     *
     * @throws LotusException if they would all the same
     */
    List<Source> all() {
        Set<Path> seen = new HashSet<>();
        List<Source> once = found.stream()
                .filter(each -> seen.add(each.file().toAbsolutePath().normalize()))
                .toList();
        Map<String, Integer> uses = new HashMap<>();
        once.forEach(each -> uses.merge(each.name(), 1, Integer::sum));
        List<Source> all = once.stream()
                .map(each -> uses.getOrDefault(each.name(), 0) > 1 ? each.withSuffix() : each)
                .toList();
        requireDifferent(all);
        return all;
    }

    private static void requireDifferent(List<Source> sources) {
        Map<String, Path> names = new HashMap<>();
        for (Source each : sources) {
            Path before = names.put(each.name(), each.file());
            if (before != null) {
                throw new LotusException(before + " and " + each.file() + " would both be written as " + each.name()
                        + "_…; run them separately, with different --output folders");
            }
        }
    }
}
