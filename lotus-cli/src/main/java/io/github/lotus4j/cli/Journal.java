package io.github.lotus4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lotus4j.error.LotusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which images are done, in a file beside their results: a line of JSON each (JSON Lines), of which the last of a name counts. It
 * is only ever added to, a whole line at a time, after the results lie in their place; of a line that was cut off, or that anyone
 * else wrote, nothing is believed. So the worst that can happen to the file, or for want of it, is that images are done again.
 * Used by one thread at a time.
 */
final class Journal {
    static final String FILE = "lotus-journal.jsonl";

    /**
     * An image that is done.
     *
     * @param name of its results
     * @param path of the image: results of another of the same name are not this one's
     * @param source the image, as it was before it was read
     * @param settings what decides how results come out, as {@link ResultSettings} tells them apart
     * @param files its results, by their paths below the journal's folder
     */
    record Line(
            String command,
            String name,
            String path,
            FileStamp source,
            String settings,
            Map<String, FileStamp> files) {}

    private final ObjectMapper json = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private final Path folder;
    private final Path file;
    private final String command;
    private final String settings;

    /**
     * @param folder of the results
     * @param command what makes them
     * @param settings as {@link ResultSettings#digest} has them
     */
    Journal(Path folder, String command, String settings) {
        this.folder = folder;
        this.file = folder.resolve(FILE);
        this.command = command;
        this.settings = settings;
    }

    /**
     * Those whose results are not there, or not as they were written, or of an image or with settings that have changed.
     *
     * @throws LotusException if the journal is there and cannot be read
     */
    List<Source> unfinished(List<Source> sources) {
        Map<String, Line> lines = read();
        return sources.stream()
                .filter(each -> !isDone(each, lines.get(each.name())))
                .toList();
    }

    private boolean isDone(Source source, @Nullable Line line) {
        return line != null
                && line.settings.equals(settings)
                && line.path.equals(path(source))
                && FileStamp.of(source.file()).equals(Optional.of(line.source))
                && !line.files.isEmpty()
                && line.files.entrySet().stream().allMatch(each -> isThere(each.getKey(), each.getValue()));
    }

    private static String path(Source source) {
        return source.file().toAbsolutePath().normalize().toString();
    }

    private boolean isThere(String result, FileStamp stamp) {
        try {
            return FileStamp.of(folder.resolve(result)).equals(Optional.of(stamp));
        } catch (InvalidPathException e) { // no result of ours
            return false;
        }
    }

    private Map<String, Line> read() {
        Map<String, Line> lines = new HashMap<>();
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                parse(text).filter(line -> line.command.equals(command)).ifPresent(line -> lines.put(line.name, line));
            }
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (IOException e) {
            throw new LotusException(file + " cannot be read: " + e.getMessage(), e);
        }
        return lines;
    }

    private Optional<Line> parse(String text) {
        try {
            return Optional.ofNullable(json.readValue(text, Line.class))
                    .filter(line -> !line.files.containsValue(null));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /**
     * Notes that an image is done.
     *
     * @param before the image, before it was read
     * @param results that lie in their place
     * @throws LotusException if it cannot be noted
     */
    void add(Source source, FileStamp before, List<Path> results) {
        Map<String, FileStamp> files = new TreeMap<>();
        for (Path each : results) {
            FileStamp stamp = FileStamp.of(each)
                    .orElseThrow(() -> new LotusException(each + " was written, and is no longer there"));
            files.put(folder.relativize(each).toString(), stamp);
        }
        try {
            String line =
                    json.writeValueAsString(new Line(command, source.name(), path(source), before, settings, files))
                            + "\n";
            String whole = endsWithinALine() ? "\n" + line : line;
            Files.createDirectories(folder);
            Files.writeString(file, whole, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LotusException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** As where a process was killed, or the disk was full. */
    private boolean endsWithinALine() throws IOException {
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return in.size() > 0 && in.position(in.size() - 1).read(last) == 1 && last.get(0) != '\n';
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
