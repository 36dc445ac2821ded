package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunMarkTest {
    private static final Duration BEAT = Duration.ofMillis(50);
    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir
    java.nio.file.Path temp;

    private FileSystem system;
    private Path folder;
    private java.nio.file.Path file;

    @BeforeEach
    void local() throws IOException {
        system = FileSystem.getLocal(new Configuration());
        folder = new Path(temp.toUri());
        file = temp.resolve("_lotus-running.txt");
    }

    private RunMark set(String who, Duration beat) throws IOException {
        return RunMark.set(system, folder, who, beat);
    }

    @Test
    void aSecondRunIsRefusedWhileTheFirstIsAlive() throws IOException {
        try (RunMark first = set("first", BEAT)) {
            assertThatThrownBy(() -> set("second", BEAT))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("another run is at work there, as _lotus-running.txt says (first)");
            first.requireHeld();
        }
        assertThat(file).doesNotExist();
        set("third", NEVER).close();
    }

    /** As a run that was killed leaves it: whole, or cut off while it was written, when its checksum is not its own. */
    @Test
    void theMarkOfARunThatWasKilledIsTakenOver() throws IOException {
        set("killed", NEVER); // it never beats
        try (RunMark next = set("next", BEAT)) {
            next.requireHeld();
            assertThat(file).content().startsWith("next\n");
        }
        set("killed", NEVER);
        Files.writeString(file, "kil");
        try (RunMark next = set("next", BEAT)) {
            next.requireHeld();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aRunFindsOutThatAnotherHasItsPlace() throws IOException {
        RunMark slow = set("slow", NEVER);
        try (RunMark next = set("next", BEAT)) {
            assertThatThrownBy(slow::requireHeld)
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("another run has taken the folder over");
            slow.close();
            next.requireHeld(); // the other's mark is left to it
        }
        RunMark deleted = set("deleted", NEVER);
        Files.delete(file);
        assertThatThrownBy(deleted::requireHeld)
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("_lotus-running.txt was deleted");
        deleted.close();
    }
}
