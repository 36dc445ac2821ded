package io.github.lotus4j.cli;

import io.github.lotus4j.Progress;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Tells what becomes of images: results on one stream, errors on the other, and how far it is on a terminal. Thread-safe. */
final class BatchReport {
    /** How messages begin that know no file. */
    private static final String ANY_IMAGE = "image:";

    private final PrintWriter out;
    private final PrintWriter err;
    private final ProgressLine line;
    private final Pace pace;
    private final boolean several;
    private int failures;

    BatchReport(PrintWriter out, PrintWriter err, ProgressLine line, Pace pace, boolean several) {
        this.out = out;
        this.err = err;
        this.line = line;
        this.pace = pace;
        this.several = several;
    }

    synchronized void predicting(Source source, Progress now) {
        String stage = now.stage().name().toLowerCase(Locale.ROOT);
        String image = source.name() + ": " + stage + " " + (int) (100 * now.fraction()) + " %";
        line.show(several ? pace + ", " + image : image);
    }

    synchronized void done(List<Path> written) {
        pace.step();
        line.clear();
        written.forEach(out::println);
    }

    synchronized void failed(Source source, RuntimeException e) {
        pace.step();
        failures++;
        line.clear();
        err.println("lotus: " + message(source, e));
    }

    /** Before something else is written to the terminal. */
    synchronized void pause() {
        line.clear();
    }

    /** How many images failed so far. */
    synchronized int failures() {
        return failures;
    }

    /** With the image where it is not named: of several, which one. */
    private String message(Source source, RuntimeException e) {
        String message = e instanceof LotusException ? String.valueOf(e.getMessage()) : "unexpected " + e;
        return several || message.startsWith(ANY_IMAGE) ? naming(source.file().toString(), message) : message;
    }

    /** A message that names this file, or part of one. */
    static String naming(String file, String message) {
        if (message.startsWith(ANY_IMAGE)) {
            return file + message.substring(ANY_IMAGE.length() - 1);
        }
        return message.contains(file) ? message : file + ": " + message;
    }
}
