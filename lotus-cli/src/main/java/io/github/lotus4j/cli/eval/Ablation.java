package io.github.lotus4j.cli.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The accuracy and the time of several settings, as a table and as a plot. Not thread-safe. */
public final class Ablation {
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
        public static Row of(String name, Evaluation.Result result, OptionalDouble seconds) {
            return new Row(name, result.error(), result.share(), seconds.orElse(Double.NaN), result.failed());
        }

        /** Where nothing could be judged. */
        public static Row failed(String name, int images) {
            return new Row(name, Double.NaN, Double.NaN, Double.NaN, images);
        }
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
                TextFile.write(folder.resolve("ablation.md"), table()),
                TextFile.write(folder.resolve("ablation.svg"), new AblationPlot(rows, errorTitle()).svg()));
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
