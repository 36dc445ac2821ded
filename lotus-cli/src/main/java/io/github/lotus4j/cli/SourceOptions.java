package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which images. */
final class SourceOptions {
    private static final String STANDARD_INPUT = "-";

    @Parameters(
            arity = "0..*",
            paramLabel = "IMAGE",
            description =
                    "Image files (PNG, JPEG, WebP, TIFF, BMP, GIF); folders, of which the image files are taken; patterns in"
                            + " quotes, as 'photos/**/*.jpg'; or - for paths on standard input, a line each.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = "--list",
            paramLabel = "FILE",
            description = "Also the files and folders that FILE names, a line each.")
    private @Nullable Path list;

    @Option(
            names = "--recursive",
            description = "Look into folders' folders, too; results lie in folders of the same names.")
    private boolean recursive;

    @Option(
            names = "--resume",
            description = "Pass over images whose results, of the same image and the same options, are there already.")
    private boolean resume;

    /** Whether those that are done already are passed over. */
    boolean resume() {
        return resume;
    }

    /**
     * @param output where results are written to
     * @throws LotusException if none is named, one that is named cannot be, or two would be written as one
     */
    List<Source> find(Path output) {
        if (words.isEmpty() && list == null) {
            throw new LotusException("found no image, expected files, folders, patterns, - or --list");
        }
        Sources sources = new Sources(new ImageFolder(output), recursive);
        for (String word : words) {
            if (word.equals(STANDARD_INPUT)) {
                addLines(sources, System.in);
            } else {
                sources.add(word);
            }
        }
        if (list != null) {
            sources.addList(list);
        }
        return sources.all();
    }

    /** Standard input is not closed: it is not this class's. */
    private static void addLines(Sources sources, InputStream in) {
        sources.addLines(
                "standard input", new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder())));
    }
}
