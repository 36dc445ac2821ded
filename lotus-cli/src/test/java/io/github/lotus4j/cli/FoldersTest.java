package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.output.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command over folders, and what {@code --resume} passes over. */
class FoldersTest {
    @TempDir
    Path folder;

    private Path photos;
    private Path output;

    @BeforeEach
    void images() throws IOException {
        photos = folder.resolve("photos");
        output = folder.resolve("out");
        TestImages.noise(photos.resolve("a.png"), 24, 16, 1);
        TestImages.noise(photos.resolve("b.png"), 16, 24, 2);
        TestImages.noise(photos.resolve("sub/a.png"), 20, 20, 3);
        Files.writeString(photos.resolve("notes.txt"), "no image");
    }

    private Ran run(String command, Object... words) {
        List<Object> all = new ArrayList<>(List.of(command, "--format", "png"));
        all.addAll(List.of(words));
        if (!all.contains("--output")) {
            all.addAll(List.of("--output", output));
        }
        if (!all.contains("--processing-res")) {
            all.addAll(List.of("--processing-res", 16));
        }
        return Ran.of(all.toArray());
    }

    private static Ran expect(int code, Ran ran) {
        assertThat(ran.code()).as(ran.err()).isEqualTo(code);
        return ran;
    }

    private Map<String, FileTime> times() throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.walk(output)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                times.put(output.relativize(each).toString(), Files.getLastModifiedTime(each));
            }
        }
        times.remove(Journal.FILE);
        return times;
    }

    /** Makes a difference that a clock of whole milliseconds may not. */
    private void age() throws IOException {
        for (String each : times().keySet()) {
            Files.setLastModifiedTime(output.resolve(each), FileTime.fromMillis(1_000_000_000_000L));
        }
    }

    @Test
    void resultsLieInFoldersOfTheSameNames() throws IOException {
        assertThat(expect(0, run("depth", photos)).out().lines()).hasSize(2);
        assertThat(expect(0, run("depth", photos, "--recursive")).out().lines())
                .containsExactly(
                        output.resolve("a_depth.png").toString(),
                        output.resolve("b_depth.png").toString(),
                        output.resolve("sub/a_depth.png").toString());
        assertThat(times()).containsOnlyKeys("a_depth.png", "b_depth.png", "sub/a_depth.png");
    }

    @Test
    void patternsAndLists() throws IOException {
        assertThat(expect(0, run("normal", photos + "/*/*.png")).out().lines())
                .containsExactly(output.resolve("sub/a_normal.png").toString());
        Path list = Files.writeString(folder.resolve("list"), photos.resolve("b.png") + "\n");
        assertThat(expect(0, run("normal", "--list", list, photos.resolve("a.png")))
                        .out()
                        .lines())
                .containsExactly(
                        output.resolve("a_normal.png").toString(),
                        output.resolve("b_normal.png").toString());
    }

    @Test
    void theListMayComeFromAPipe() throws Exception {
        Process process = Ran.process(
                        Main.class, "depth", "-", "--output", output, "--processing-res", 16, "--format", "png")
                .redirectError(folder.resolve("err").toFile())
                .start();
        try (var in = process.outputWriter()) {
            in.write(photos.resolve("a.png") + "\n" + photos.resolve("b.png") + "\n");
        }
        assertThat(process.inputReader().lines())
                .containsExactly(
                        output.resolve("a_depth.png").toString(),
                        output.resolve("b_depth.png").toString());
        assertThat(process.waitFor()).isZero();
        // no terminal: nothing but notes
        assertThat(Files.readAllLines(folder.resolve("err")))
                .allMatch(line -> line.startsWith("note:") || line.startsWith("WARNING: Using incubator"));
    }

    @Test
    void wrongSourcesAreSaidBeforeAnythingIsLoaded() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path clash = TestImages.noise(folder.resolve("clash/a.png"), 4, 4, 1);
        Path nowhere = folder.resolve("no-such-model");
        assertThat(expect(2, run("depth", empty, "--model", nowhere)).err()).contains(empty + " is a folder without");
        assertThat(expect(2, run("depth", photos, clash, "--model", nowhere)).err())
                .contains(photos.resolve("a.png").toString(), clash.toString(), "both");
        assertThat(expect(2, run("depth", photos, "--output", photos)).err()).contains("--output");
        assertThat(expect(2, run("depth")).err()).contains("no image");
        assertThat(output).doesNotExist();
    }

    @Test
    void finishedOnesArePassedOver() throws IOException {
        expect(0, run("depth", photos));
        Map<String, FileTime> first = times();
        Ran again = expect(0, run("depth", photos, "--resume"));
        assertThat(again.out()).isEmpty();
        assertThat(again.err().lines()).containsExactly(note(2, 2));
        Ran more = expect(0, run("depth", photos, "--resume", "--recursive", "--threads", 1));
        assertThat(more.out().lines())
                .containsExactly(output.resolve("sub/a_depth.png").toString());
        assertThat(more.err()).contains(note(2, 3));
        assertThat(times()).containsAllEntriesOf(first);
    }

    private static String note(int done, int all) {
        return "note: " + done + " of " + all + " images are done already";
    }

    @Test
    void otherOptionsAreDoneAnew() throws IOException {
        expect(0, run("depth", photos));
        for (Object[] options : new Object[][] {
            {"--exact"},
            {"--format", "npy"},
            {"--format", "preview,npy"},
            {"--resample", "bicubic"},
            {"--processing-res", 20},
            {"--no-match-input"},
            {"--seed", 1},
            {"--sample-latent-seed", 0},
            {"--vae-tile", 64},
            {"--fov", 50},
            {"--colormap", "turbo"},
            {"--range", "0,1"},
            {"--backend", "cpu"}
        }) {
            Object[] all = Stream.concat(Stream.of(photos, "--resume"), Stream.of(options))
                    .toArray();
            assertThat(expect(0, run("depth", all)).err()).as("%s", options[0]).doesNotContain("done already");
            assertThat(expect(0, run("depth", all)).err()).as("%s", options[0]).contains(note(2, 2));
        }
        expect(0, run("depth", photos, "--resume", "--format", "npy,preview"));
        assertThat(run("depth", photos, "--resume", "--format", "preview,npy").err())
                .contains(note(2, 2));
        assertThat(run("normal", photos, "--resume").err()).doesNotContain("done already");
    }

    @Test
    void otherImagesAndLostResultsAreDoneAnew() throws IOException {
        expect(0, run("depth", photos));
        TestImages.noise(photos.resolve("a.png"), 24, 16, 5);
        Ran changed = expect(0, run("depth", photos, "--resume"));
        assertThat(changed.out().lines())
                .containsExactly(output.resolve("a_depth.png").toString());
        Files.delete(output.resolve("b_depth.png"));
        Ran lost = expect(0, run("depth", photos, "--resume"));
        assertThat(lost.out().lines())
                .containsExactly(output.resolve("b_depth.png").toString());
        age(); // as another run would
        assertThat(run("depth", photos, "--resume").out().lines()).hasSize(2);
        expect(0, run("geometry", photos)); // writes the same files
        assertThat(run("depth", photos, "--resume").out().lines()).hasSize(2);
    }

    @Test
    void badOnesAreTriedAgain() throws IOException {
        Path bad = TestImages.bad(photos, 1);
        Ran first = expect(1, run("depth", photos));
        assertThat(first.err()).contains(bad + " is empty", "1 of 3 images failed", "--resume");
        Ran again = expect(1, run("depth", photos, "--resume"));
        assertThat(again.err()).contains(note(2, 3), bad + " is empty", "1 of 3 images failed");
        assertThat(again.out()).isEmpty();
        TestImages.noise(bad, 8, 8, 1);
        assertThat(expect(0, run("depth", photos, "--resume")).out().lines()).hasSize(1);
    }

    @Test
    void oneImageNeedsNoJournal() {
        expect(0, run("depth", photos.resolve("a.png")));
        assertThat(output.resolve(Journal.FILE)).doesNotExist();
        expect(0, run("depth", photos.resolve("a.png"), "--resume"));
        assertThat(output.resolve(Journal.FILE)).exists();
        assertThat(expect(0, run("depth", photos.resolve("a.png"), "--resume")).out())
                .isEmpty();
    }

    @Test
    void halfWrittenFilesOfAKilledRunAreDeleted() throws IOException {
        String unique = ".01234567-89ab-cdef-0123-456789abcdef.part";
        Files.createDirectories(output.resolve("sub"));
        for (String each : new String[] {
            ".a_depth.png" + unique,
            "sub/.a_depth_preview.png" + unique,
            ".c_depth.png" + unique,
            ".a_depth.png.part",
            "a_depth.png" + unique
        }) {
            Files.writeString(output.resolve(each), "half");
        }
        Part another = Part.begin(output.resolve("b_depth.png")); // somebody writes it
        try (another) {
            expect(0, run("depth", photos, "--recursive"));
            assertThat(another.path()).exists();
        }
        assertThat(times())
                .containsOnlyKeys(
                        "a_depth.png",
                        "b_depth.png",
                        "sub/a_depth.png",
                        ".c_depth.png" + unique,
                        ".a_depth.png.part",
                        "a_depth.png" + unique);
    }
}
