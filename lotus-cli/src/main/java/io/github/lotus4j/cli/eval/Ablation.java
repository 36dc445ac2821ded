package io.github.lotus4j.cli.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.output.NewFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The accuracy and the time of several settings, as a table and as a plot. Not thread-safe. */
public final class Ablation {
    private static final String FINISHED = "setting.json";

    private final Benchmark benchmark;
    private final List<Row> rows = new ArrayList<>();

    public Ablation(Benchmark benchmark) {
        this.benchmark = benchmark;
    }

    /**
     * What came of one setting.
     *
     * @param error AbsRel in percent, or the mean angle in degrees
     * @param share of pixels that are right, in percent
     * @param seconds the median time of a prediction; NaN where none was timed
     * @param failed images that could not be judged
     */
    public record Row(String name, double error, double share, double seconds, int failed) {
        public static Row of(String name, Evaluation.Result result, double seconds) {
            return new Row(name, result.error(), result.share(), seconds, result.failed());
        }
    }

    /** What an earlier run found for the same images in the same way, if it came to an end. */
    public static Optional<Row> finished(Path folder, String made, List<Sample> samples) {
        try {
            JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve(FINISHED)));
            if (!json.path("made").asText().equals(made)
                    || !json.path("images").asText().equals(images(samples))) {
                return Optional.empty();
            }
            return Optional.of(new Row(
                    json.path("name").asText(),
                    json.path("error").asDouble(Double.NaN),
                    json.path("share").asDouble(Double.NaN),
                    json.path("seconds").asDouble(Double.NaN),
                    0));
        } catch (IOException e) { // it was not, or broken off; then it is done again
            return Optional.empty();
        }
    }

    /** Notes it for a later run, unless images failed, which are then tried again. */
    public static void finish(Path folder, String made, List<Sample> samples, Row row) {
        if (row.failed == 0 && Double.isFinite(row.seconds)) {
            ObjectNode json = new ObjectMapper().createObjectNode();
            json.put("made", made).put("images", images(samples)).put("name", row.name);
            json.put("error", row.error).put("share", row.share).put("seconds", row.seconds);
            NewFile.write(
                    folder.resolve(FINISHED),
                    out -> out.write(json.toPrettyString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static String images(List<Sample> samples) {
        return samples.stream().map(Sample::image).toList().toString();
    }

    public void add(Row row) {
        rows.add(row);
    }

    /** Whether all images could be judged with all settings. */
    public boolean complete() {
        return rows.stream().allMatch(row -> row.failed == 0);
    }

    /** @return the files */
    public List<Path> write(Path folder) {
        return List.of(
                write(folder.resolve("ablation.md"), table()),
                write(folder.resolve("ablation.svg"), new AblationPlot(rows, errorTitle()).svg()));
    }

    private static Path write(Path file, String text) {
        return NewFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String errorTitle() {
        return benchmark.normals() ? "mean, °" : "AbsRel, %";
    }

    /** In Markdown; with how much each is off from the first. */
    public String table() {
        StringBuilder text =
                new StringBuilder("%s%n%n| setting | %s | %s | s an image | failed |%n|---|---|---|---|---|%n"
                        .formatted(
                                benchmark.title(), errorTitle(), benchmark.normals() ? "< 11.25°, %" : "δ < 1.25, %"));
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %d |%n",
                    row.name,
                    beside(row.error, rows.getFirst().error),
                    beside(row.share, rows.getFirst().share),
                    Double.isFinite(row.seconds) ? String.format(Locale.ROOT, "%.3f", row.seconds) : "not timed",
                    row.failed));
        }
        return text.toString();
    }

    private static String beside(double value, double first) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f (%+.3f)", value, value - first + 0.0) : "–";
    }
}
