package io.github.lotus4j.cli;

import java.io.Console;
import java.io.PrintWriter;

/** One line that is written over and over on a terminal, and nothing elsewhere. Used by one thread at a time. */
final class ProgressLine {
    private static final String ERASE = "\r\u001b[K";

    /** Characters: of a line that a narrow terminal breaks, only the last piece would be erased. */
    private static final int WIDTH = 79;

    private final PrintWriter terminal;
    private final boolean visible;
    private String shown = "";

    ProgressLine(PrintWriter terminal, boolean visible) {
        this.terminal = terminal;
        this.visible = visible;
    }

    @SuppressWarnings("SystemConsoleNull") // some Javas still answer null
    static ProgressLine onTerminal(PrintWriter err) {
        Console console = System.console();
        return new ProgressLine(err, console != null && console.isTerminal());
    }

    /** Writes only what changes, and no more than fits. */
    void show(String text) {
        String fitting = text.length() <= WIDTH ? text : text.substring(0, WIDTH - 1) + "…";
        if (visible && !fitting.equals(shown)) {
            shown = fitting;
            terminal.print(ERASE + fitting);
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
