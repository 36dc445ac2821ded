package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done, and what no longer is. */
class JournalTest {
    @TempDir
    Path folder;

    private Journal journal(String command, String settings) {
        return new Journal(folder.resolve("out"), command, settings);
    }

    private Journal journal() {
        return journal("depth", "s1");
    }

    private Path file() {
        return folder.resolve("out").resolve(Journal.FILE);
    }

    private Source source(String name) throws IOException {
        Path file = folder.resolve(name + ".png");
        Files.createDirectories(file.getParent());
        return new Source(name, Files.exists(file) ? file : Files.writeString(file, "image " + name));
    }

    private Path result(Source source) throws IOException {
        Path file = folder.resolve("out").resolve(source.name() + "_depth.npy");
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "result");
    }

    private Source done(Journal journal, String name) throws IOException {
        Source source = source(name);
        journal.add(source, FileStamp.of(source.file()).orElseThrow(), List.of(result(source)));
        return source;
    }

    private static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(
                file, FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() + 1));
    }

    @Test
    void nothingIsDoneWithoutAJournal() throws IOException {
        Source a = source("a");
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
        assertThat(file()).doesNotExist();
    }

    @Test
    void whatWasAddedIsDone() throws IOException {
        Source a = done(journal(), "a");
        Source b = source("b");
        Source odd = done(journal(), "sub/tab\t line\n ü \"'\\ {");
        assertThat(journal().unfinished(List.of(a, b, odd))).containsExactly(b);
        assertThat(Files.readAllLines(file())).hasSize(2).first().asString().contains("\"a\"", "a_depth.npy", "s1");
    }

    @Test
    void aChangedImageIsNotDone() throws IOException {
        Source a = done(journal(), "a");
        touch(a.file());
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
        Source b = done(journal(), "b");
        FileTime time = Files.getLastModifiedTime(b.file());
        Files.writeString(b.file(), "another size");
        Files.setLastModifiedTime(b.file(), time);
        assertThat(journal().unfinished(List.of(b))).containsExactly(b);
        Source c = done(journal(), "c");
        Files.delete(c.file());
        assertThat(journal().unfinished(List.of(c))).containsExactly(c);
    }

    /** As frames of the same number have, which archives give the same time. */
    @Test
    void anotherImageOfTheSameNameSizeAndTimeIsNotDone() throws IOException {
        Source a = done(journal(), "a");
        Path other = Files.copy(
                a.file(),
                Files.createDirectories(folder.resolve("other")).resolve("a.png"),
                StandardCopyOption.COPY_ATTRIBUTES);
        Source of = new Source("a", other);
        assertThat(FileStamp.of(other)).isEqualTo(FileStamp.of(a.file()));
        assertThat(journal().unfinished(List.of(of))).containsExactly(of);
        assertThat(journal().unfinished(List.of(a))).isEmpty();
    }

    /** Between its being read and its being noted. */
    @Test
    void anImageThatChangesMeanwhileIsNotDone() throws IOException {
        Source a = source("a");
        FileStamp before = FileStamp.of(a.file()).orElseThrow();
        touch(a.file());
        journal().add(a, before, List.of(result(a)));
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
    }

    @Test
    void otherSettingsAreNotDoneAndTheLastLineCounts() throws IOException {
        Source a = done(journal("depth", "s1"), "a");
        assertThat(journal("depth", "s2").unfinished(List.of(a))).containsExactly(a);
        assertThat(journal("normal", "s1").unfinished(List.of(a))).containsExactly(a);
        done(journal("normal", "s1"), "a");
        touch(result(a));
        done(journal("depth", "s2"), "a");
        assertThat(journal("depth", "s2").unfinished(List.of(a))).isEmpty();
        assertThat(journal("depth", "s1").unfinished(List.of(a))).containsExactly(a);
    }

    @Test
    void missingAndOverwrittenResultsAreNotDone() throws IOException {
        Source a = done(journal(), "a");
        touch(result(a));
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
        Source b = done(journal(), "b");
        Files.delete(folder.resolve("out/b_depth.npy"));
        assertThat(journal().unfinished(List.of(b))).containsExactly(b);
        Source c = done(journal(), "c");
        Path result = folder.resolve("out/c_depth.npy");
        FileTime time = Files.getLastModifiedTime(result);
        Files.writeString(result, "a longer result");
        Files.setLastModifiedTime(result, time);
        assertThat(journal().unfinished(List.of(c))).containsExactly(c);
    }

    @Test
    void aResultThatIsGoneIsNotNoted() throws IOException {
        Source a = source("a");
        FileStamp stamp = FileStamp.of(a.file()).orElseThrow();
        assertThatThrownBy(() -> journal().add(a, stamp, List.of(folder.resolve("out/a_depth.npy"))))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no longer there");
        assertThat(file()).doesNotExist();
    }

    /** As kill -9 leaves it, wherever it strikes: whole lines hold, a piece of one is nothing, and what is added later is read. */
    @Test
    void cutAnywhere() throws IOException {
        Source a = done(journal(), "ä");
        int first = (int) Files.size(file());
        Source b = done(journal(), "b\u2028b");
        byte[] whole = Files.readAllBytes(file());
        Source c = source("c");
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            // without its line's end, a line may be whole; its results are
            List<Source> left = journal().unfinished(List.of(a, b));
            assertThat(left.contains(a)).as("%d bytes", length).isEqualTo(length < first - 1);
            assertThat(left.contains(b)).as("%d bytes", length).isEqualTo(length < whole.length - 1);
            done(journal(), "c");
            assertThat(journal().unfinished(List.of(a, b, c)))
                    .as("%d bytes", length)
                    .isEqualTo(left);
        }
    }

    @Test
    void whatOthersWroteIsPassedOver() throws IOException {
        Source a = done(journal(), "a");
        String line = Files.readString(file());
        Files.writeString(file(), "{}\nnull\n[]\n\n7\n\"a\"\n\0\0\0\n" + line.strip() + " x\n");
        Files.write(file(), new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);
        Files.writeString(file(), line.replace("\"settings\"", "\"other\""), StandardOpenOption.APPEND);
        Files.writeString(file(), line.replace("\"s1\"", "null"), StandardOpenOption.APPEND);
        String files = "\"files\":{";
        Files.writeString(file(), line.replace(files, files + "\"x\":null,"), StandardOpenOption.APPEND);
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
        Files.writeString(file(), line.replace("a_depth", "\\u0000"), StandardOpenOption.APPEND);
        assertThat(journal().unfinished(List.of(a))).containsExactly(a);
        Files.write(file(), line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
        assertThat(journal().unfinished(List.of(a))).isEmpty();
    }

    @Test
    void aJournalThatCannotBeReadOrWrittenIsNamed() throws IOException {
        Source a = source("a");
        Files.createDirectories(file());
        assertThatThrownBy(() -> journal().unfinished(List.of(a))).hasMessageContaining(file().toString());
        assertThatThrownBy(() -> done(journal(), "a"))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(file().toString());
    }
}
