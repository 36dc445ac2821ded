package io.github.lotus4j.cli.eval;

import java.util.List;
import java.util.Locale;

/** The error of each setting against its time, as a picture of lines and letters (SVG). */
final class AblationPlot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 460;
    private static final int MARGIN = 60;
    /** Room for a point's name, on the right and above. */
    private static final int NAME = 110;

    private static final int STEPS = 4;

    private final List<Ablation.Row> rows;
    private final String errorTitle;
    private final double mostSeconds;
    private final double least;
    private final double most;

    /** @param all of which those are shown that have an error and a time */
    AblationPlot(List<Ablation.Row> all, String errorTitle) {
        rows = all.stream()
                .filter(row -> Double.isFinite(row.seconds()) && Double.isFinite(row.error()))
                .toList();
        this.errorTitle = errorTitle;
        mostSeconds =
                1.1 * rows.stream().mapToDouble(Ablation.Row::seconds).max().orElse(1);
        double smallest = rows.stream().mapToDouble(Ablation.Row::error).min().orElse(0);
        double largest = rows.stream().mapToDouble(Ablation.Row::error).max().orElse(1);
        double room = Math.max(0.1 * (largest - smallest), 0.01 * largest);
        least = smallest - room;
        most = largest + room;
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="white"/>
                """.formatted(WIDTH, HEIGHT));
        for (int i = 0; i <= STEPS; i++) {
            double seconds = mostSeconds * i / STEPS;
            double error = least + (most - least) * i / STEPS;
            svg.append(line(x(seconds), y(least), x(seconds), y(most)));
            svg.append(line(x(0), y(error), x(mostSeconds), y(error)));
            svg.append(text(x(seconds), y(least) + 18, "middle", String.format(Locale.ROOT, "%.3g", seconds)));
            svg.append(text(x(0) - 6, y(error) + 4, "end", String.format(Locale.ROOT, "%.2f", error)));
        }
        svg.append(text(WIDTH / 2.0, HEIGHT - 12, "middle", "seconds an image (median)"));
        svg.append(text(MARGIN, NAME - 16, "middle", errorTitle));
        for (Ablation.Row row : rows) {
            svg.append(String.format(
                    Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>%n", x(row.seconds()), y(row.error())));
            svg.append(name(row));
        }
        return svg.append("</svg>\n").toString();
    }

    private double x(double seconds) {
        return MARGIN + seconds / mostSeconds * (WIDTH - MARGIN - NAME);
    }

    private double y(double error) {
        return HEIGHT - MARGIN - (error - least) / (most - least) * (HEIGHT - MARGIN - NAME);
    }

    private static String line(double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                x1,
                y1,
                x2,
                y2);
    }

    /** Slanted: points lie side by side more often than one above the other. */
    private String name(Ablation.Row row) {
        double x = x(row.seconds()) + 6;
        double y = y(row.error()) - 6;
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" transform=\"rotate(-40 %.1f %.1f)\">%s</text>%n",
                x,
                y,
                x,
                y,
                row.name());
    }

    private static String text(double x, double y, String anchor, String letters) {
        return String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, letters);
    }
}
