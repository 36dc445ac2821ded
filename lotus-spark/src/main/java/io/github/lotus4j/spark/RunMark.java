package io.github.lotus4j.spark;

import io.github.lotus4j.error.LotusException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file that says that a run is at work in a folder, written anew again and again while it is. A second run waits a while: when the
 * file has changed, the first one is alive, and otherwise it was killed, and its mark is taken over. No clocks are compared.
 */
final class RunMark implements AutoCloseable {
    private static final String NAME = "_lotus-running.txt";
    private static final Duration BEAT = Duration.ofSeconds(5);
    /** Beats after which a run whose mark is as it was has ended: longer than a driver collects garbage. */
    private static final int PATIENCE = 6;

    /** In that time, so that they fall on other moments of a beat each. */
    private static final int LOOKS = 10;

    private static final int LONGEST = 1 << 12;

    private final FileSystem system;
    private final Path file;
    private final String id = UUID.randomUUID().toString();
    private final String owner;
    private final ScheduledExecutorService beats;
    private long beat;
    private boolean lost;

    private RunMark(FileSystem system, Path file, String who) {
        this.system = system;
        this.file = file;
        owner = who + "\n" + id + "\n";
        beats = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("lotus-run-mark").factory());
    }

    /**
     * Marks a folder.
     *
     * @param who runs, for the message that a second run fails with
     * @throws LotusException if another run is at work there
     */
    static RunMark set(FileSystem system, Path folder, String who) throws IOException {
        return set(system, folder, who, BEAT);
    }

    static RunMark set(FileSystem system, Path folder, String who, Duration beat) throws IOException {
        RunMark mark = new RunMark(system, new Path(folder, NAME), who);
        boolean complete = false;
        try {
            if (!mark.create()) {
                mark.takeOver(beat);
            }
            var _ = mark.beats.scheduleAtFixedRate(mark::beat, beat.toMillis(), beat.toMillis(), TimeUnit.MILLISECONDS);
            complete = true;
            return mark;
        } finally {
            if (!complete) {
                mark.beats.shutdownNow();
            }
        }
    }

    private boolean create() throws IOException {
        try (OutputStream out = system.create(file, false)) {
            out.write(text());
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        } catch (IOException e) { // as file systems without that exception have it
            if (system.exists(file)) {
                return false;
            }
            throw e;
        }
    }

    /** Only from a run that is not seen to beat: looked for between its beats, so that not every look can meet it writing. */
    private void takeOver(Duration beat) throws IOException {
        Duration patience = beat.multipliedBy(PATIENCE);
        System.out.printf("%s is there: watching for %d s whether its run is alive%n", file, patience.toSeconds());
        String outcome = "its run is not alive; going on where it was";
        String known = "";
        for (int look = 0; look <= LOOKS; look++) {
            Optional<String> now = read();
            if (now.isEmpty()) {
                outcome = "its run has ended; going on";
                break;
            }
            String text = now.get();
            if (!text.isEmpty()) { // of what is being written, nothing is known
                if (!known.isEmpty() && !text.equals(known)) {
                    throw new LotusException("%s: another run is at work there, as %s says (%s); expected one at a time"
                            .formatted(
                                    file.getParent(),
                                    NAME,
                                    text.lines().findFirst().orElse("")));
                }
                known = text;
            }
            sleep(patience.dividedBy(LOOKS));
        }
        write();
        sleep(beat); // two that take over at once: the one that wrote last has it
        requireHeld();
        System.out.printf("%s: %s%n", file, outcome);
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            throw Interruption.cancellation(e);
        }
    }

    private byte[] text() {
        return (owner + beat).getBytes(StandardCharsets.UTF_8);
    }

    private void write() throws IOException {
        try (OutputStream out = system.create(file, true)) {
            out.write(text());
        }
    }

    /** Empty where there is none. */
    private Optional<String> read() throws IOException {
        try (FSDataInputStream in = system.open(file)) {
            return Optional.of(new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8));
        } catch (FileNotFoundException _) {
            return Optional.empty();
        } catch (ChecksumException _) {
            return Optional.of(""); // another run writes it now, or was killed while it did
        }
    }

    /** Of this run, as no other has it. */
    String id() {
        return id;
    }

    private boolean isMine() throws IOException {
        return read().orElse("").startsWith(owner);
    }

    private synchronized void beat() {
        try {
            lost = !isMine();
            if (!lost) {
                beat++;
                write();
            }
        } catch (IOException | RuntimeException _) { // what is thrown here would end the beats
            // the next beat may reach the file system; if none does, another run takes over, and this one finds it out
        }
        if (lost) {
            beats.shutdown();
        }
    }

    /** @throws LotusException if another run has taken the folder over, or the mark was deleted */
    synchronized void requireHeld() {
        try {
            if (!lost && isMine()) {
                return;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
        throw new LotusException(
                "%s: another run has taken the folder over, or %s was deleted; expected one run at a time"
                        .formatted(file.getParent(), NAME));
    }

    /** Takes the mark away, if it is still this run's. One that stays is taken by the next run for that of a run that was killed. */
    @Override
    public void close() {
        beats.close(); // waits for a beat that is under way
        try {
            if (isMine()) {
                system.delete(file, false);
            }
        } catch (IOException e) {
            System.err.println(file + " cannot be deleted: " + e.getMessage());
        }
    }
}
