package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a terminal shows. */
class PaceTest {
    private final AtomicLong nanos = new AtomicLong(5);

    private Pace after(int total, int steps, double seconds) {
        return after(OptionalLong.of(total), Pace.Unit.IMAGE, steps, seconds);
    }

    private Pace after(OptionalLong total, Pace.Unit unit, int steps, double seconds) {
        Pace pace = new Pace(total, unit, nanos::get);
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

    /** Of a video that tells no count, or a wrong one. */
    @Test
    void totalNeedNotBeKnown() {
        assertThat(after(OptionalLong.empty(), Pace.Unit.FRAME, 0, 3)).hasToString("0 frames");
        assertThat(after(OptionalLong.empty(), Pace.Unit.FRAME, 4, 6)).hasToString("4 frames, 1.5 s a frame");
        assertThat(after(OptionalLong.of(5), Pace.Unit.FRAME, 5, 2)).hasToString("5 of 5, 2.5 frames/s, 0:00 left");
        assertThat(after(OptionalLong.of(5), Pace.Unit.FRAME, 6, 2)).hasToString("6 frames, 3.0 frames/s");
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
