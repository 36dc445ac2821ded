package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a terminal shows. */
class PaceTest {
    private final AtomicLong nanos = new AtomicLong(5);

    private Pace after(int total, int steps, double seconds) {
        Pace pace = new Pace(total, nanos::get);
        nanos.addAndGet((long) (seconds * 1e9));
        for (int i = 0; i < steps; i++) {
            pace.step();
        }
        return pace;
    }

    @Test
    void countSpeedAndTimeLeft() {
        assertThat(after(1000, 0, 3)).hasToString("0 of 1000");
        assertThat(after(1000, 12, 3)).hasToString("12 of 1000, 4.0 images/s, 4:07 left");
        assertThat(after(1000, 2, 25)).hasToString("2 of 1000, 12.5 s an image, 3:27:55 left");
        assertThat(after(3, 3, 1.5)).hasToString("3 of 3, 2.0 images/s, 0:00 left");
        assertThat(after(1, 1, 0).toString()).startsWith("1 of 1, ");
    }

    @Test
    void timeBetweenImagesDoesNotCount() {
        Pace pace = after(4, 2, 2);
        nanos.addAndGet(10_000_000_000L);
        assertThat(pace).hasToString("2 of 4, 1.0 s an image, 0:02 left");
    }

    @Test
    void aLineFitsItsTerminalAndIsWrittenOnlyWhereThereIsOne() {
        StringWriter terminal = new StringWriter();
        ProgressLine line = new ProgressLine(new PrintWriter(terminal), true);
        line.show("x".repeat(79));
        line.show("x".repeat(79));
        line.show("y".repeat(80));
        line.clear();
        line.clear();
        String erase = "\r\u001b[K";
        assertThat(terminal).hasToString(erase + "x".repeat(79) + erase + "y".repeat(78) + "…" + erase);
        StringWriter file = new StringWriter();
        ProgressLine none = new ProgressLine(new PrintWriter(file), false);
        none.show("x");
        none.clear();
        assertThat(file.toString()).isEmpty();
    }
}
