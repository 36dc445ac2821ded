package io.github.lotus4j.cpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Picks the algorithm that was fastest for the nearest shape that was measured: {@code convolutions.tsv}, which
 * {@code ./lotus-bench --convolutions} writes.
 */
final class ConvolutionTable implements ConvolutionPlanner {
    private static final String RESOURCE = "convolutions.tsv";
    /** Names one algorithm for all convolutions, to measure it or to do without the others. */
    private static final String OVERRIDE = "lotus.cpu.convolution";

    private record Row(int height, int width, int in, int out, boolean doubled, Algorithm fastest) {
        /** How many times larger the one is than the other, in logarithms. */
        double distance(int otherHeight, int otherWidth, int otherIn, int otherOut) {
            return difference((double) height * width, (double) otherHeight * otherWidth)
                    + difference(in, otherIn)
                    + difference(out, otherOut);
        }

        private static double difference(double a, double b) {
            return Math.abs(Math.log(a / b));
        }
    }

    private final List<Row> rows;

    private ConvolutionTable(List<Row> rows) {
        this.rows = rows;
    }

    /** The table, or what {@code -Dlotus.cpu.convolution} names. */
    static ConvolutionPlanner best() {
        String named = System.getProperty(OVERRIDE);
        if (named == null) {
            return read();
        }
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.name().equals(named.toUpperCase(Locale.ROOT))) {
                return (height, width, in, out, doubled) -> algorithm;
            }
        }
        throw new IllegalArgumentException(
                OVERRIDE + ": found " + named + ", expected one of " + Arrays.toString(Algorithm.values()));
    }

    private static ConvolutionTable read() {
        List<Row> rows = new ArrayList<>();
        try (InputStream stream = ConvolutionTable.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is missing beside " + ConvolutionTable.class.getName());
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> rows.add(row(line.split("\t", -1))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ConvolutionTable(rows);
    }

    /** Height, width, channels in and out, whether the input is doubled; then the algorithms' times, in their order. */
    private static Row row(String[] fields) {
        Algorithm fastest = Algorithm.PRODUCT;
        double least = Double.MAX_VALUE;
        int column = 5;
        for (Algorithm algorithm : Algorithm.values()) {
            double milliseconds = Double.parseDouble(fields[column]);
            if (milliseconds < least) {
                least = milliseconds;
                fastest = algorithm;
            }
            column++;
        }
        return new Row(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Boolean.parseBoolean(fields[4]),
                fastest);
    }

    @Override
    public Algorithm choose(int height, int width, int inChannels, int outChannels, boolean doubled) {
        Algorithm nearest = Algorithm.PRODUCT;
        double least = Double.MAX_VALUE;
        for (Row row : rows) {
            double distance = row.distance(height, width, inChannels, outChannels);
            if (row.doubled == doubled && distance < least) {
                least = distance;
                nearest = row.fastest;
            }
        }
        return nearest;
    }
}
