package io.github.lotus4j.cli;

import io.github.lotus4j.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;

/** One line that is written over and over on a terminal, and nothing elsewhere. Used by one thread. */
final class ProgressLine {
    private static final String ERASE = "\r\u001b[K";

    private final PrintWriter terminal;
    private final boolean visible;
    private String shown = "";

    private ProgressLine(PrintWriter terminal, boolean visible) {
        this.terminal = terminal;
        this.visible = visible;
    }

    @SuppressWarnings("SystemConsoleNull") // some Javas still answer null
    static ProgressLine onTerminal(PrintWriter err) {
        Console console = System.console();
        return new ProgressLine(err, console != null && console.isTerminal());
    }

    void show(String name, Progress progress) {
        int percent = (int) (100 * progress.fraction());
        show(name + ": " + progress.stage().name().toLowerCase(Locale.ROOT) + " " + percent + " %");
    }

    /** Writes only what changes. */
    void show(String text) {
        if (visible && !text.equals(shown)) {
            shown = text;
            terminal.print(ERASE + text);
            terminal.flush();
        }
    }

    void clear() {
        if (!shown.isEmpty()) {
            shown = "";
            terminal.print(ERASE);
            terminal.flush();
        }
    }
}
