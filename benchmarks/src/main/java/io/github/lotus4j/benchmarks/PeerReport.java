package io.github.lotus4j.benchmarks;

import io.github.lotus4j.benchmarks.PeerProcess.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What {@link Peers} has measured, as Markdown. */
final class PeerReport {
    /**
     * Of one process.
     *
     * @param load milliseconds
     * @param runs in their order
     * @param resident megabytes at most
     */
    record Figures(double load, List<Times> runs, double resident) {
        double median(ToDoubleFunction<Times> part) {
            double[] sorted = runs.stream().mapToDouble(part).sorted().toArray();
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }

        /** The columns of the table. */
        double[] columns() {
            return new double[] {
                median(Times::encode),
                median(Times::denoise),
                median(Times::decode),
                median(Times::whole),
                load,
                resident
            };
        }

        private String row(String title) {
            double[] columns = columns();
            return String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %.0f | %.0f | %.0f (%.0f to %.0f) | %.1f | %.0f |%n",
                    title,
                    columns[0],
                    columns[1],
                    columns[2],
                    columns[3],
                    runs.stream().mapToDouble(Times::whole).min().orElseThrow(),
                    runs.stream().mapToDouble(Times::whole).max().orElseThrow(),
                    columns[4] / 1e3,
                    columns[5]);
        }
    }

    /**
     * A peer, and ours beside it.
     *
     * @param differences the largest between the two, by stage
     */
    record Pair(String peer, String versions, int side, Map<String, Double> differences, Figures ours, Figures theirs) {
        /** Ours over theirs. */
        double[] ratios() {
            double[] ratios = ours.columns();
            double[] peers = theirs.columns();
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] /= peers[i];
            }
            return ratios;
        }
    }

    private final String machine;
    private final int threads;
    private final int rounds;
    private final Map<Integer, List<Pair>> pairs = new TreeMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    PeerReport(String machine, int threads, int rounds) {
        this.machine = machine;
        this.threads = threads;
        this.rounds = rounds;
    }

    void add(Pair pair) {
        pairs.computeIfAbsent(pair.side, side -> new ArrayList<>()).add(pair);
    }

    void failed(String peer, int side, String reason) {
        failures.put("%s, %d×%d".formatted(peer, side, side), reason);
    }

    /** Whether every peer was measured. */
    boolean complete() {
        return failures.isEmpty();
    }

    String text() {
        StringBuilder text =
                new StringBuilder("# Measured beside peers\n\nWritten by `./lotus-bench --peers`; not edited.\n\n");
        text.append(machine).append("\n\n").append("""
                One depth map, computed in 32-bit floats by %d threads, from synthetic weights of Stable Diffusion 2's size, stored \
                as float16. Each peer's outputs were first compared with ours, stage by stage; a difference above %.0e would have \
                ended its part. Then ours and the peer, each in a process of its own that had predicted before, took turns, %d \
                predictions each; times are medians. Whole: from pixels to depth. Load: from files to a model that can run, \
                compiled where it is compiled; export to ONNX is not counted. Memory: the largest that was resident, mapped files \
                included. Ratios are ours / theirs.

                """.formatted(threads, Peers.LARGEST_DIFFERENCE, rounds));
        pairs.forEach((side, measured) -> text.append(table(side, measured)));
        if (!failures.isEmpty()) {
            text.append("| not measured | reason |\n|---|---|\n");
            failures.forEach(
                    (peer, reason) -> text.append("| %s | %s |%n".formatted(peer, reason.replace("|", "\\|"))));
        }
        return text.toString();
    }

    private static String table(int side, List<Pair> measured) {
        StringBuilder text = new StringBuilder("## %d×%d%n%n".formatted(side, side));
        text.append("| | VAE encode, ms | UNet, ms | VAE decode, ms | whole, ms (from, to) | load, s | memory, MB |\n");
        text.append("|---|---|---|---|---|---|---|\n");
        double[] largest = new double[6];
        for (Pair pair : measured) {
            text.append(pair.theirs.row(pair.peer)).append(pair.ours.row("ours, in turn with it"));
            text.append(ratios("ratio", pair.ratios()));
            for (int i = 0; i < largest.length; i++) {
                largest[i] = Math.max(largest[i], pair.ratios()[i]);
            }
        }
        text.append(ratios("**ratio to the best peer**", largest)).append('\n');
        text.append("| | largest difference from ours | versions |\n|---|---|---|\n");
        for (Pair pair : measured) {
            String differences = pair.differences.entrySet().stream()
                    .map(stage -> String.format(Locale.ROOT, "%s %.1e", stage.getKey(), stage.getValue()))
                    .collect(Collectors.joining(", "));
            text.append("| %s | %s | %s |%n".formatted(pair.peer, differences, pair.versions));
        }
        return text.append('\n').toString();
    }

    private static String ratios(String title, double[] ratios) {
        StringBuilder row = new StringBuilder("| " + title + " |");
        for (double ratio : ratios) {
            row.append(String.format(Locale.ROOT, " %.2f |", ratio));
        }
        return row.append('\n').toString();
    }
}
