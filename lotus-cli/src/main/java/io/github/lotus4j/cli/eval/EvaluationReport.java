package io.github.lotus4j.cli.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.cli.eval.Evaluation.Result;
import io.github.lotus4j.cli.eval.Evaluation.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What came of an evaluation, as files: samples.csv with the figures of each image, summary.json, and summary.md, which is a table for
 * people.
 */
public final class EvaluationReport {
    private final Result result;
    private final Map<String, String> made;
    private final double[] summary;

    /** @param made what predictions were made with, for the record: names and values */
    public EvaluationReport(Result result, Map<String, String> made) {
        this.result = result;
        this.made = made;
        summary = result.scoring().summary();
    }

    /** @return the files */
    public List<Path> write(Path folder) {
        return List.of(
                TextFile.write(folder.resolve("samples.csv"), csv()),
                TextFile.write(folder.resolve("summary.json"), json()),
                TextFile.write(folder.resolve("summary.md"), table()));
    }

    /** A line of figures for each image, in the benchmark's order, under their names. */
    String csv() {
        List<String> lines = new ArrayList<>();
        StringJoiner head = new StringJoiner(",").add("filename");
        result.scoring().measures().forEach(each -> head.add(each.key()));
        lines.add(head.toString());
        for (Score score : result.scores()) {
            StringJoiner line = new StringJoiner(",").add(quoted(score.sample().image()));
            for (double value : score.values()) {
                line.add(Double.toString(value));
            }
            lines.add(line.toString());
        }
        return String.join("\n", lines) + "\n";
    }

    private static String quoted(String name) {
        return name.matches("(?s).*[,\"\\r\\n].*") ? '"' + name.replace("\"", "\"\"") + '"' : name;
    }

    private String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("benchmark", result.benchmark().id());
        root.put("images", result.scores().size());
        root.put("failed", result.failed());
        root.put("method", result.scoring().method());
        made.forEach(root::put);
        ObjectNode figures = root.putObject("measures");
        List<Measure> measures = result.scoring().measures();
        for (int i = 0; i < summary.length; i++) {
            if (Double.isFinite(summary[i])) {
                figures.put(measures.get(i).key(), summary[i]);
            }
        }
        result.benchmark().paper().ifPresent(paper -> {
            putPaper(root, "lotus-g", paper.generative());
            putPaper(root, "lotus-d", paper.deterministic());
        });
        return root.toPrettyString() + "\n";
    }

    private void putPaper(ObjectNode root, String row, Scoring.Told told) {
        ObjectNode node = root.withObject("/paper").putObject(row);
        node.put("error", told.error());
        node.put("share", told.share());
        if (!result.scores().isEmpty()) {
            node.put("error_difference", result.error() - told.error());
            node.put("share_difference", result.share() - told.share());
        }
    }

    /** In Markdown. */
    public String table() {
        StringBuilder text = new StringBuilder();
        String failures = result.failed() == 0 ? "" : ", and " + result.failed() + " that could not be judged";
        text.append("%s: %d images%s; %s.%n"
                .formatted(
                        result.benchmark().title(),
                        result.scores().size(),
                        failures,
                        result.scoring().method()));
        made.forEach((name, value) -> text.append("%s: %s%n".formatted(name, value)));
        text.append("%n| measure | |%n|---|---|%n".formatted());
        List<Measure> measures = result.scoring().measures();
        for (int i = 0; i < summary.length; i++) {
            text.append(String.format(
                    Locale.ROOT, "| %s | %.4f |%n", measures.get(i).title(), summary[i]));
        }
        result.benchmark().paper().ifPresent(paper -> text.append(beside(paper)));
        return text.toString();
    }

    private String beside(Benchmark.Paper paper) {
        boolean normals = result.benchmark().normals();
        String head = normals ? "mean, ° | < 11.25°, %" : "AbsRel, % | δ < 1.25, %";
        return "%n| beside the paper | %s |%n|---|---|---|%n".formatted(head)
                + String.format(Locale.ROOT, "| here | %.2f | %.2f |%n", result.error(), result.share())
                + row("Lotus-G, paper", paper.generative())
                + row("Lotus-D, paper", paper.deterministic());
    }

    /** The paper's figures, and how much larger ours are. */
    private String row(String name, Scoring.Told told) {
        return String.format(
                Locale.ROOT,
                "| %s | %.1f (%+.2f) | %.1f (%+.2f) |%n",
                name,
                told.error(),
                result.error() - told.error(),
                told.share(),
                result.share() - told.share());
    }
}
