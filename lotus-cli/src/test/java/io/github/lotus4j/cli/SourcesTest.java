package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images are found by what is typed. No image is read. */
class SourcesTest {
    @TempDir
    Path folder;

    private Path photos;
    private Path output;

    @BeforeEach
    void files() throws IOException {
        photos = folder.resolve("photos");
        output = photos.resolve("out");
        for (String file : List.of(
                "b.JPG",
                "a.png",
                "c.tiff",
                "notes.txt",
                "png",
                ".hidden.png",
                "2024/c.gif",
                "2024/may/d.jpeg",
                "2024/.thumbs/e.png",
                "2023.old/f.bmp",
                "out/a_depth.png")) {
            touch(photos.resolve(file));
        }
    }

    private static Path touch(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }

    private Sources sources(boolean recursive) {
        return new Sources(new ImageFolder(output), recursive);
    }

    private List<Source> found(boolean recursive, String... words) {
        Sources sources = sources(recursive);
        Stream.of(words).forEach(sources::add);
        return sources.all();
    }

    private List<String> names(boolean recursive, String... words) {
        return found(recursive, words).stream().map(Source::name).toList();
    }

    @Test
    void imagesOfAFolderInTheOrderOfTheirNames() {
        assertThat(found(false, photos.toString()))
                .containsExactly(
                        new Source("a", photos.resolve("a.png")),
                        new Source("b", photos.resolve("b.JPG")),
                        new Source("c", photos.resolve("c.tiff")));
    }

    @Test
    void foldersInAFolderKeepTheirNames() {
        assertThat(found(true, photos.toString()))
                .containsExactly(
                        new Source("2023.old/f", photos.resolve("2023.old/f.bmp")),
                        new Source("2024/c", photos.resolve("2024/c.gif")),
                        new Source("2024/may/d", photos.resolve("2024/may/d.jpeg")),
                        new Source("a", photos.resolve("a.png")),
                        new Source("b", photos.resolve("b.JPG")),
                        new Source("c", photos.resolve("c.tiff")));
    }

    @Test
    void whatIsNamedIsTakenWhateverItsSuffix() throws IOException {
        Path odd = touch(folder.resolve("odd[1]*.dat"));
        Path dotted = touch(folder.resolve(".only"));
        String absent = folder.resolve("absent.jpg").toString();
        assertThat(found(false, photos.resolve("notes.txt").toString(), odd.toString(), dotted.toString(), absent))
                .containsExactly(
                        new Source("notes", photos.resolve("notes.txt")),
                        new Source("odd[1]*", odd),
                        new Source(".only", dotted),
                        new Source("absent", Path.of(absent)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "*.png a",
                "*.{png,JPG} a,b",
                "[ab].* a,b",
                "?.tiff c",
                "* a,b,c",
                "*/*.gif 2024/c",
                "20*/**/*.jpeg 2024/may/d",
                "**.jpeg 2024/may/d",
                "**/*.{gif,bmp,png} 2023.old/f,2024/c,a",
                "{2023.old,2024/may}/*.{jpeg,bmp} 2023.old/f,2024/may/d",
            })
    void patternsMatchImageFilesBelowTheirFolder(String pattern, String expected) {
        assertThat(names(false, photos + "/" + pattern)).containsExactly(expected.split(",", -1));
    }

    @Test
    void aPatternInAFolderBelow() {
        assertThat(names(false, photos + "/2024/m*/*")).containsExactly("may/d");
    }

    @Test
    void onlyTheFilesOwnSuffixIsLeftOut() {
        Path file = photos.resolve("a.png");
        assertThat(Source.of("x.y/a.b.png", file).name()).isEqualTo("x.y/a.b");
        assertThat(Source.of("x.y/a", file).name()).isEqualTo("x.y/a");
    }

    @Test
    void theFolderOfResultsIsNoSource() {
        assertThat(names(true, photos.toString())).doesNotContain("out/a_depth");
        assertThatThrownBy(() -> sources(false).add(output.toString()))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll(output.toString(), "--output");
        assertThatThrownBy(() -> sources(false).add(output + "/*.png")).hasMessageContaining("--output");
    }

    @Test
    void linksToFoldersAreNotFollowed() throws IOException {
        Files.createSymbolicLink(photos.resolve("2024/loop"), photos);
        Files.createSymbolicLink(photos.resolve("2024/folder.png"), photos.resolve("2023.old"));
        assertThat(names(true, photos.toString())).hasSize(6);
        Path link = Files.createSymbolicLink(folder.resolve("link"), photos);
        assertThat(names(false, link.toString())).containsExactly("a", "b", "c");
    }

    @Test
    void linksThatLeadNowhereAreReportedLater() throws IOException {
        Files.createSymbolicLink(photos.resolve("z.png"), folder.resolve("gone"));
        assertThat(names(false, photos.toString())).contains("z");
    }

    @Test
    void emptyFoldersAndPatternsWithoutAMatchSaySo() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path texts = touch(folder.resolve("texts/a.txt")).getParent();
        for (Path each : List.of(empty, texts)) {
            assertThatThrownBy(() -> sources(false).add(each.toString()))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(each.toString(), "without image files", "jpg", "--recursive looks");
            assertThatThrownBy(() -> sources(true).add(each.toString())).hasMessageContaining("without image files");
        }
        assertThatThrownBy(() -> sources(false).add(photos + "/*.webm"))
                .hasMessageContainingAll("*.webm", "matches no");
        assertThatThrownBy(() -> sources(false).add(folder + "/nowhere/*.png")).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> sources(false).add(photos + "/[a.png")).hasMessageContaining("no pattern");
        assertThatThrownBy(() -> sources(false).add("")).hasMessageContaining("empty name");
        assertThatThrownBy(() -> sources(false).add("a\0b")).hasMessageContaining("no file can have");
    }

    @Test
    void twoOfOneNameAreNamedBoth() throws IOException {
        Path other = touch(folder.resolve("other/a.png"));
        Sources sources = sources(false);
        sources.add(photos.toString());
        sources.add(other.toString());
        assertThatThrownBy(sources::all)
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll(photos.resolve("a.png").toString(), other.toString(), "a.png_…");
    }

    @Test
    void suffixesTellImagesOfOneNameApart() throws IOException {
        touch(photos.resolve("a.jpg"));
        touch(photos.resolve("2024/c.png"));
        touch(photos.resolve("2024/may/c.png"));
        assertThat(names(true, photos.toString()))
                .containsExactly(
                        "2023.old/f",
                        "2024/c.gif",
                        "2024/c.png",
                        "2024/may/c",
                        "2024/may/d",
                        "a.jpg",
                        "a.png",
                        "b",
                        "c");
        touch(photos.resolve("a.jpg.png"));
        Sources sources = sources(false);
        sources.add(photos.toString());
        assertThatThrownBy(sources::all) // a name that a suffix makes may be another image's
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll(
                        photos.resolve("a.jpg").toString(),
                        photos.resolve("a.jpg.png").toString());
    }

    @Test
    void aFileThatIsNamedTwiceIsOneImage() {
        String file = photos.resolve("2024/c.gif").toString();
        String otherwise = photos.resolve("2024/../2024/c.gif").toString();
        assertThat(listed(String.join("\n", file, otherwise, file)).all())
                .containsExactly(new Source("c", photos.resolve("2024/c.gif")));
    }

    private Sources listed(String lines) {
        Sources sources = sources(false);
        sources.addLines("the list", new BufferedReader(new StringReader(lines)));
        return sources;
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void listsNameFilesAndFolders(String end) {
        String lines = String.join(
                end,
                "\uFEFF" + photos.resolve("2024"),
                "",
                photos.resolve("notes.txt").toString(),
                " x.png");
        assertThat(listed(lines).all())
                .containsExactly(
                        new Source("c", photos.resolve("2024/c.gif")),
                        new Source("notes", photos.resolve("notes.txt")),
                        new Source(" x", Path.of(" x.png")));
    }

    @Test
    void listsHoldNoPatterns() {
        assertThat(listed("*.png\n-").all())
                .containsExactly(new Source("*", Path.of("*.png")), new Source("-", Path.of("-")));
    }

    @Test
    void listsThatAreNone() throws IOException {
        assertThatThrownBy(() -> listed("\n\r\n")).hasMessageContaining("the list names no image");
        Path absent = folder.resolve("absent.txt");
        assertThatThrownBy(() -> sources(false).addList(absent)).hasMessageContaining(absent + " does not exist");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff, '\n'});
        assertThatThrownBy(() -> sources(false).addList(binary)).hasMessageContainingAll(binary.toString(), "UTF-8");
        assertThatThrownBy(() -> sources(false).addList(photos)).hasMessageContainingAll(photos.toString(), "read");
    }

    @Test
    void listsInFiles() throws IOException {
        Path list = Files.writeString(folder.resolve("list.txt"), photos.resolve("a.png") + "\n");
        Sources sources = sources(false);
        sources.addList(list);
        assertThat(sources.all()).extracting(Source::name).containsExactly("a");
    }
}
