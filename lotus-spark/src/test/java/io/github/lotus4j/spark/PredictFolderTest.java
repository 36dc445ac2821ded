package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictFolderTest {
    private static SparkSession spark;

    @TempDir
    Path temp;

    private Path photos;
    private Path output;

    @BeforeAll
    static void start() {
        spark = LocalSpark.builder("local[2]").getOrCreate();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @BeforeEach
    void images() throws IOException {
        photos = Files.createDirectories(temp.resolve("photos"));
        output = temp.resolve("depth maps"); // Spark names files as URIs, with %20
        for (int i = 0; i < 12; i++) {
            Files.write(photo(i), TestImages.png(16, 12, i));
        }
        Files.writeString(photos.resolve("notes.txt"), "not an image");
    }

    private Path photo(int i) {
        return photos.resolve("photo-%02d.PNG".formatted(i));
    }

    private PredictFolderArguments arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--output",
                output.toString(),
                "--depth",
                "nano",
                "--processing-res",
                "16",
                "--images-per-task",
                "2",
                "--images-per-commit",
                "5"));
        arguments.addAll(List.of(more));
        return PredictFolderArguments.parse(arguments);
    }

    private PredictFolder.Outcome run(String... more) throws IOException {
        return PredictFolder.run(spark, arguments(more));
    }

    private PredictFolder.Outcome run() throws IOException {
        return run(photos.toString());
    }

    /** Of each image, by name, the rows' failure or the hash of the depth. */
    private Map<String, List<String>> rows() {
        Map<String, List<String>> rows = new TreeMap<>();
        for (Row row : spark.read()
                .parquet(output.toString())
                .selectExpr("path", "coalesce(failure, sha2(depth, 256))")
                .collectAsList()) {
            String name = row.getString(0).substring(row.getString(0).lastIndexOf('/') + 1);
            rows.computeIfAbsent(name, _ -> new ArrayList<>()).add(row.getString(1));
        }
        return rows;
    }

    private String row(String name) {
        return rows().getOrDefault(name, List.of()).getFirst();
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(output)) {
            return files.map(output::relativize)
                    .map(Path::toString)
                    .filter(each -> each.endsWith(".parquet") && !each.contains(".crc"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Spark also writes files without rows. */
    private Path largestFile() throws IOException {
        return files().stream()
                .map(output::resolve)
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
    }

    private void requireAllOnce(int count) {
        assertThat(rows())
                .hasSize(count)
                .allSatisfy((_, values) -> assertThat(values).hasSize(1));
    }

    @Test
    void whatIsDoneIsPassedOver() throws IOException {
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 0, 0));
        requireAllOnce(12);
        Map<String, List<String>> rows = rows();
        Set<String> files = files();
        assertThat(files).hasSizeGreaterThan(3); // two images a file, about, and several chunks
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 12, 0));
        assertThat(files()).isEqualTo(files);

        Files.write(photo(12), TestImages.png(16, 12, 12));
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(13, 12, 0));
        assertThat(files()).containsAll(files).hasSize(files.size() + 1);
        assertThat(rows()).containsAllEntriesOf(rows).hasSize(13);
    }

    @Test
    void imagesThatHaveChangedAreDoneAgain() throws IOException {
        run();
        Map<String, List<String>> before = rows();
        Files.write(photo(3), TestImages.png(18, 12, 99));
        Files.setLastModifiedTime(photo(3), FileTime.fromMillis(1_000_000_000_000L));
        PredictFolder.Outcome outcome = run();
        assertThat(outcome.done()).isEqualTo(11);
        requireAllOnce(12);
        Map<String, List<String>> after = rows();
        assertThat(after.remove("photo-03.PNG")).isNotEqualTo(before.remove("photo-03.PNG"));
        assertThat(after).isEqualTo(before);
    }

    /** What lies in one file with an image that has changed stays, also where it is not asked for, or is gone. */
    @Test
    void neighboursOfAnImageThatHasChangedAreKept() throws IOException {
        Path others = Files.createDirectories(temp.resolve("others"));
        for (int i = 20; i < 26; i++) {
            Files.write(others.resolve(i + ".png"), TestImages.png(16, 12, i));
        }
        run(photos.toString(), others.toString());
        Map<String, List<String>> before = rows();
        requireAllOnce(18);
        Files.write(photo(3), TestImages.png(18, 12, 99));
        Files.setLastModifiedTime(photo(3), FileTime.fromMillis(1_000_000_000_000L));
        Files.delete(photo(4));
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(11, 10, 0));
        requireAllOnce(18);
        Map<String, List<String>> after = rows();
        assertThat(after.remove("photo-03.PNG")).isNotEqualTo(before.remove("photo-03.PNG"));
        assertThat(after).isEqualTo(before);
        Path list = Files.writeString(temp.resolve("list.txt"), photo(5).toUri() + "\n");
        run("--list", list.toString());
        requireAllOnce(18);
    }

    /** What a run leaves that was killed while it kept what lies beside an image that has changed: before, and after that was whole. */
    @Test
    void aReplacementThatWasBrokenOffIsEnded() throws IOException {
        run();
        Map<String, List<String>> before = rows();
        Path replaced = largestFile();
        Path note = output.resolve("_lotus-replacing.txt");
        Files.writeString(note, "chunk=knever\n" + replaced.toUri().getPath());
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 12, 0));
        assertThat(rows()).isEqualTo(before);
        assertThat(note).doesNotExist();
        Path copy = Files.createDirectory(output.resolve("chunk=kwhole"));
        Files.copy(replaced, copy.resolve("part.parquet"));
        Files.createFile(copy.resolve("_SUCCESS"));
        Files.writeString(note, "chunk=kwhole\n" + replaced.toUri().getPath());
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 12, 0));
        requireAllOnce(12);
        assertThat(rows()).isEqualTo(before);
    }

    /** As cameras call them; a file that is named is taken by whatever suffix. */
    @Test
    void namesThatBeginWithALineAreTaken() throws IOException {
        Files.copy(photo(1), photos.resolve("_DSC0001.JPG"));
        Path odd = Files.copy(photo(2), temp.resolve("photo.jfif"));
        assertThat(run(photos.toString(), odd.toString())).isEqualTo(new PredictFolder.Outcome(14, 0, 0));
        assertThat(rows()).containsKeys("_DSC0001.JPG", "photo.jfif");
        assertThatThrownBy(() -> run(temp.resolve("nowhere").toString()))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("nowhere does not exist, expected a folder");
    }

    @Test
    void failuresAreDoneAgainWhenAskedFor() throws IOException {
        byte[] whole = Files.readAllBytes(photo(5));
        FileTime time = Files.getLastModifiedTime(photo(5));
        Files.write(photo(5), new byte[whole.length]);
        Files.setLastModifiedTime(photo(5), time);
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 0, 1));
        assertThat(row("photo-05.PNG")).contains("no image of a known format");
        Files.write(photo(5), whole);
        Files.setLastModifiedTime(photo(5), time);
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 12, 1));
        assertThat(run(photos.toString(), "--retry-failed").failures()).isZero();
        requireAllOnce(12);
    }

    /** What a killed run leaves: a chunk of which some files are there, and the temporary folder. */
    @Test
    void aChunkThatIsNotWholeIsDoneAgain() throws IOException {
        run();
        Map<String, List<String>> rows = rows();
        Path chunk;
        try (Stream<Path> chunks = Files.list(output)) {
            chunk = chunks.filter(each -> each.toString().contains("chunk="))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(chunk.resolve("_SUCCESS"));
        String left;
        try (Stream<Path> files = Files.list(chunk)) {
            List<Path> parquet = files.filter(each -> each.toString().endsWith(".parquet"))
                    .sorted()
                    .toList();
            Files.delete(parquet.getFirst());
            left = parquet.getLast().getFileName().toString();
        }
        Files.createDirectories(chunk.resolve("_temporary/0/task_1"));
        Files.writeString(chunk.resolve("_temporary/0/task_1/part.parquet"), "half");
        assertThat(run().done()).isLessThan(12);
        requireAllOnce(12);
        assertThat(rows()).isEqualTo(rows);
        assertThat(files()).noneMatch(each -> each.endsWith(left));
    }

    @Test
    void aListTakesThePlaceOfAFolder() throws IOException {
        Path list = temp.resolve("list.txt");
        Files.writeString(
                list, photo(1) + "\n\n" + photo(2) + "\n" + photo(1) + "\n" + temp.resolve("none.png") + "\n");
        assertThat(run("--list", list.toString())).isEqualTo(new PredictFolder.Outcome(3, 0, 1));
        assertThat(run("--list", list.toString())).isEqualTo(new PredictFolder.Outcome(3, 3, 1));
        assertThatThrownBy(() -> run("--list", temp.resolve("none.txt").toString()))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("none.txt does not exist, expected a text file with a path a line");
        assertThat(row("none.png")).endsWith("does not exist, expected an image");
    }

    /** Nobody has looked at a list's files: that their times are unknown is no change. */
    @Test
    void whatAListNamedIsNotDoneAgainForItsFolder() throws IOException {
        Path list = Files.writeString(temp.resolve("list.txt"), photo(1).toUri() + "\n");
        run("--list", list.toString());
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 1, 0));
        requireAllOnce(12);
    }

    @Test
    void resultsOfTwoCheckpointsAreTold() throws IOException {
        run();
        Path chunk = Files.createDirectory(output.resolve("chunk=other"));
        spark.sql("select 'x.png' as path, 'nano 1234' as checkpoint")
                .write()
                .mode("overwrite")
                .parquet(chunk.toString());
        assertThatThrownBy(this::run)
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("found results of ")
                .hasMessageContaining("nano 1234 in 1 folders, such as chunk=other")
                .hasMessageContaining("expected one checkpoint's");
    }

    private Dataset<Row> of(String... checkpoints) {
        return spark.createDataset(List.of(checkpoints), Encoders.STRING())
                .selectExpr("concat(value, '.png') as path", "value as checkpoint", "string(null) as failure");
    }

    /** As executors predict of which one has loaded other weights under the same name. */
    @Test
    void aChunkOfTwoCheckpointsDoesNotStay() {
        PredictionStore store = new PredictionStore(spark, output.toString());
        assertThatThrownBy(() -> store.write("mixed", of("nano 12", "nano 34", "nano 12")))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(
                        "executors have predicted with nano 12 and with nano 34, expected one checkpoint");
        assertThat(output.resolve("chunk=mixed")).doesNotExist();
        store.write("one", of("nano 12"));
        assertThat(output.resolve("chunk=one")).exists();
    }

    /** The folder can be used on. */
    @Test
    void aChunkOfAnotherCheckpointDoesNotStay() throws IOException {
        run();
        Map<String, List<String>> before = rows();
        PredictionStore store = new PredictionStore(spark, output.toString());
        store.requireOneCheckpoint();
        assertThatThrownBy(() -> store.write("other", of("nano 12")))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("predicted with nano 12, expected lotus-nano-disparity-d ");
        assertThat(output.resolve("chunk=other")).doesNotExist();
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 12, 0));
        assertThat(rows()).isEqualTo(before);
    }

    /** A run that was held up while another took its place. */
    @Test
    void whatARunWritesThatHasLostItsPlaceDoesNotStay() throws IOException {
        PredictionStore store = new PredictionStore(spark, output.toString());
        try (RunMark mark = store.mark()) {
            Dataset<Row> images = ImageListing.of(spark, arguments(photos.toString()));
            Files.writeString(output.resolve("_lotus-running.txt"), "another run");
            Files.deleteIfExists(output.resolve("._lotus-running.txt.crc"));
            assertThatThrownBy(() -> PredictFolder.predictChunk(
                            store,
                            mark,
                            "late",
                            arguments(photos.toString()).lotus().predict(images)))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("another run has taken the folder over");
        }
        assertThat(output.resolve("chunk=late")).doesNotExist();
        assertThat(output.resolve("_lotus-running.txt")).hasContent("another run");
    }

    @Test
    void otherSettingsTakeAnotherFolder() throws IOException {
        run();
        assertThatThrownBy(() -> run(photos.toString(), "--seed", "5"))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("holds results of other settings")
                .hasMessageContaining("seed=5");
        requireAllOnce(12);
    }

    /** As a run of other settings leaves it that ended before its first chunk was whole. */
    @Test
    void settingsOfWhichThereIsNoResultDoNotMatter() throws IOException {
        Files.createDirectories(output.resolve("chunk=c1/_temporary"));
        Files.writeString(output.resolve("_lotus-settings.txt"), "others");
        assertThat(run()).isEqualTo(new PredictFolder.Outcome(12, 0, 0));
        assertThat(output.resolve("_lotus-settings.txt")).content().startsWith("Lotus for Java");
        requireAllOnce(12);
    }

    /** Folders of that name may be somebody else's, and unfinished ones are deleted. */
    @Test
    void aFolderOfOthersIsLeftAlone() throws IOException {
        Path others = Files.createDirectories(output.resolve("chunk=1"));
        assertThatThrownBy(this::run)
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("holds folders chunk=… and no _lotus-settings.txt");
        assertThat(others).exists();
    }

    @Test
    void aRunBesideAnotherIsRefused() throws IOException {
        try (RunMark _ = new PredictionStore(spark, output.toString()).mark()) {
            assertThatThrownBy(this::run)
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("another run is at work there");
            assertThat(files()).isEmpty();
        }
        run();
        requireAllOnce(12);
    }

    /** As two runs leave them of which neither saw the other. */
    @Test
    void rowsThatStandThereTwiceAreTold() throws IOException {
        run();
        Path copy = Files.createDirectories(output.resolve("chunk=copy"));
        Files.createFile(copy.resolve("_SUCCESS"));
        Files.copy(largestFile(), copy.resolve("copy.parquet"));
        long copied = spark.read().parquet(copy.toString()).count();
        assertThat(copied).isPositive();
        assertThatThrownBy(this::run)
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("found %d rows of 12 images", 12 + copied)
                .hasMessageContaining("chunk=copy");
    }

    /** Before anything is listed or written, and by no task that fails. */
    @ParameterizedTest
    @ValueSource(strings = {"no-such-model", "/no/such/model", "spark:no-such-model", "jingheya/lotus-depth-x"})
    void weightsThatAreNotThereAreSaidFirst(String weights) {
        List<String> words = List.of("--output", output.toString(), "--depth", weights, photos.toString());
        assertThatThrownBy(() -> PredictFolder.run(spark, PredictFolderArguments.parse(words)))
                .isExactlyInstanceOf(LotusException.class)
                .hasMessageContaining(weights);
        assertThat(output).doesNotExist();
    }

    @Test
    void anOutputThatIsAFileIsLeftAlone() throws IOException {
        Files.writeString(output, "mine");
        assertThatThrownBy(this::run)
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("is a file, expected a folder for the output");
        assertThat(output).hasContent("mine");
    }

    @Test
    void anEmptyFolderIsNoError() throws IOException {
        Path empty = Files.createDirectories(temp.resolve("empty"));
        assertThat(run(empty.toString())).isEqualTo(new PredictFolder.Outcome(0, 0, 0));
    }
}
