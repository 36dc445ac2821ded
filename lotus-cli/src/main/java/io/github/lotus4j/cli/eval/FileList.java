package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A benchmark's list of files: a line for each image, with the image's path and those of what belongs to it, between blanks. */
final class FileList {
    /** What stands where an image has no truth. */
    private static final String NO_FILE = "None";

    private FileList() {}

    /**
     * The lines whose files all exist by the list's word.
     *
     * @param columns how many of a line's words are paths, at least; others are passed over
     * @throws LotusException if the list cannot be read, has no line, or one that does not name files below the data set's folder
     */
    static List<Sample> read(Path list, int columns) {
        List<Sample> samples = new ArrayList<>();
        int number = 0;
        for (String line : lines(list)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String[] words = line.strip().split("\\s+");
            String where = list + ", line " + number;
            if (words.length < columns) {
                throw new LotusException(
                        "%s: found %d paths, expected %d: %s".formatted(where, words.length, columns, line));
            }
            List<String> files = Arrays.asList(words).subList(0, columns);
            if (!files.contains(NO_FILE)) {
                samples.add(sample(where, files));
            }
        }
        if (samples.isEmpty()) {
            throw new LotusException(list + " names no image, expected a line for each");
        }
        return samples;
    }

    private static Sample sample(String where, List<String> files) {
        try {
            return new Sample(List.copyOf(files));
        } catch (LotusException e) {
            throw new LotusException(where + ": " + e.getMessage(), e);
        }
    }

    private static List<String> lines(Path list) {
        try {
            return Files.readAllLines(list);
        } catch (NoSuchFileException e) {
            throw new LotusException(list + " does not exist, expected a list of files", e);
        } catch (CharacterCodingException e) {
            throw new LotusException(list + " is no list of files: it is no text in UTF-8", e);
        } catch (IOException e) {
            throw new LotusException(list + " cannot be read: " + e.getMessage(), e);
        }
    }
}
