package io.github.lotus4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.regexp_extract;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.error.LotusException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A folder of predictions, in chunks that are there as wholes: folders {@code chunk=…} of Parquet files, with Spark's {@code _SUCCESS}.
 * What has been done is told by the rows themselves. One run at a time, which {@link #mark} sees to.
 */
final class PredictionStore {
    private static final String CHUNK = "chunk=";
    private static final String WHOLE = "_SUCCESS";
    private static final String SETTINGS = "_lotus-settings.txt";
    /** Names a chunk, and below it the files that it replaces. */
    private static final String REPLACING = "_lotus-replacing.txt";

    private static final int LONGEST_SETTINGS = 1 << 16;
    private static final int MOST_TOLD = 20;

    private final SparkSession spark;
    private final Path folder;
    private final FileSystem system;
    /** Of the results: one, or none as yet. */
    private final SortedSet<String> checkpoints = new TreeSet<>();

    PredictionStore(SparkSession spark, String folder) {
        this.spark = spark;
        this.folder = new Path(folder);
        try {
            system = this.folder.getFileSystem(spark.sparkContext().hadoopConfiguration());
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Keeps other runs out until it is closed.
     *
     * @throws LotusException if one is at work, or the folder is a file
     */
    RunMark mark() throws IOException {
        if (system.exists(folder) && !system.getFileStatus(folder).isDirectory()) {
            throw new LotusException(folder + " is a file, expected a folder for the output");
        }
        return RunMark.set(system, folder, "application " + spark.sparkContext().applicationId());
    }

    /**
     * Makes sure that all results are made in one way.
     *
     * @throws LotusException if those that are there were made in another, or by something else
     */
    void requireSettings(String settings) throws IOException {
        String mine = "Lotus for Java " + Lotus.version() + ", " + settings + "\n";
        Path file = new Path(folder, SETTINGS);
        try (FSDataInputStream in = system.open(file)) {
            String found = new String(in.readNBytes(LONGEST_SETTINGS), StandardCharsets.UTF_8);
            if (found.equals(mine)) {
                return;
            }
            if (isAnyWhole()) {
                throw new LotusException(
                        "%s holds results of other settings; take another folder%n  found:    %s%n  expected: %s"
                                .formatted(folder, found.strip(), mine.strip()));
            }
        } catch (FileNotFoundException e) {
            if (!chunks().isEmpty()) {
                throw new LotusException(
                        folder + " holds folders chunk=… and no " + SETTINGS
                                + ": they are of something else; take another folder",
                        e);
            }
        }
        deleteBroken(); // first: without settings they would be taken for something else's
        system.delete(file, false); // of a run that came to nothing
        note(SETTINGS, mine);
    }

    private boolean isAnyWhole() throws IOException {
        for (Path chunk : chunks()) {
            if (isWhole(chunk)) {
                return true;
            }
        }
        return false;
    }

    private boolean isWhole(Path chunk) throws IOException {
        return system.exists(new Path(chunk, WHOLE));
    }

    /** Deletes chunks whose writing ended before they were whole. */
    void deleteBroken() throws IOException {
        for (Path chunk : chunks()) {
            if (!isWhole(chunk)) {
                system.delete(chunk, true);
            }
        }
    }

    private List<Path> chunks() throws IOException {
        List<Path> chunks = new ArrayList<>();
        if (system.exists(folder)) {
            for (FileStatus each : system.listStatus(folder)) {
                if (each.isDirectory() && each.getPath().getName().startsWith(CHUNK)) {
                    chunks.add(each.getPath());
                }
            }
        }
        return chunks;
    }

    /** What has been done: rows of {@link ImageListing#SCHEMA}, with {@code failure} and the {@code file} that they lie in. */
    Dataset<Row> done() throws IOException {
        if (chunks().isEmpty()) {
            return spark.createDataFrame(
                    List.of(),
                    ImageListing.SCHEMA
                            .add(OutputColumns.FAILURE, DataTypes.StringType)
                            .add("file", DataTypes.StringType));
        }
        return spark.read()
                .schema(ImageListing.SCHEMA.add(OutputColumns.FAILURE, DataTypes.StringType))
                .parquet(folder.toString())
                .select(
                        col("path"),
                        col("modificationTime"),
                        col("length"),
                        col(OutputColumns.FAILURE),
                        col("_metadata.file_path").as("file"));
    }

    /** The images that have no row. */
    Dataset<Row> without(Dataset<Row> images) throws IOException {
        return images.join(done().select("path"), "path", "left_anti");
    }

    /**
     * Takes out rows that no longer hold: of images that have changed, or that failed and are to be done again. What else lies in their
     * files is kept, in a chunk of its own.
     *
     * @param images whose time and length are null where nobody has looked
     */
    void dropStale(Dataset<Row> images, boolean failed) throws IOException {
        String changed =
                "(now.modificationTime <> done.modificationTime or now.length <> done.length)"; // null: unknown
        Dataset<Row> stale = done().alias("done")
                .join(images.alias("now"), "path")
                .where(failed ? changed + " or done.failure is not null" : changed)
                .select(col("path"), col("done.file").as("file"));
        List<String> files = stale.select("file").distinct().as(Encoders.STRING()).collectAsList().stream()
                .map(file -> new Path(URI.create(file)).toString())
                .toList();
        if (files.isEmpty()) {
            return;
        }
        String name = "k" + UUID.randomUUID();
        note(REPLACING, CHUNK + name + "\n" + String.join("\n", files));
        Dataset<Row> kept = spark.read()
                .parquet(files.toArray(String[]::new))
                .join(stale.select("path").distinct(), "path", "left_anti");
        write(name, kept);
        finishReplacing();
    }

    /**
     * Ends a replacement, also one that an earlier run was killed in: once the new chunk is whole, what it replaces goes; before that, it
     * has replaced nothing.
     */
    void finishReplacing() throws IOException {
        Path note = new Path(folder, REPLACING);
        if (!system.exists(note)) {
            return;
        }
        List<String> lines;
        try (FSDataInputStream in = system.open(note)) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        if (isWhole(new Path(folder, lines.getFirst()))) {
            for (String file : lines.subList(1, lines.size())) {
                system.delete(new Path(file), false);
            }
        }
        system.delete(note, false);
    }

    /** A file that is there as a whole or not at all. */
    private void note(String name, String text) throws IOException {
        Path file = new Path(folder, name);
        Path fresh = new Path(folder, name + ".tmp");
        try (OutputStream out = system.create(fresh, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        if (!system.rename(fresh, file)) {
            throw new LotusException(file + " cannot be written");
        }
    }

    /**
     * Writes a chunk, which counts once it is whole; one of the same name is replaced.
     *
     * @return how many of the images failed
     * @throws LotusException if it is of another checkpoint than what is there: then it is deleted again
     */
    long write(String name, Dataset<Row> predictions) {
        Path chunk = chunk(name);
        Observation seen = new Observation();
        predictions
                .observe(
                        seen,
                        min(col(OutputColumns.CHECKPOINT)).as("first"),
                        max(col(OutputColumns.CHECKPOINT)).as("last"),
                        count(col(OutputColumns.FAILURE)).as("failed"))
                .write()
                .mode(SaveMode.Overwrite)
                .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "true")
                .option("parquet.block.size.row.check.min", "1") // rows are large: memory is looked at after each
                .option("parquet.page.size.row.check.min", "1")
                .parquet(chunk.toString());
        try {
            if (!isWhole(chunk)) { // later runs would take the chunk for one that was broken off
                throw new LotusException(chunk + ": " + WHOLE + " was not written, expected it of every committer;"
                        + " take one that does, as Spark's own");
            }
            Map<String, Object> metrics = seen.getAsJava();
            requireOneCheckpoint(name, metrics.get("first"), metrics.get("last"));
            return metrics.get("failed") instanceof Long failed ? failed : 0; // nothing at all of no rows
        } catch (IOException e) {
            throw new UncheckedIOException(chunk + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw Interruption.cancellation(e);
        }
    }

    private Path chunk(String name) {
        return new Path(folder, CHUNK + name);
    }

    /** First what makes it whole, so that what is left of a broken off deletion does not count. */
    void delete(String name) {
        Path chunk = chunk(name);
        try {
            system.delete(new Path(chunk, WHOLE), false);
            system.delete(chunk, true);
        } catch (IOException e) {
            throw new UncheckedIOException(chunk + ": " + e.getMessage(), e);
        }
    }

    /** What executors load may differ between them, and from what earlier runs had under the same name. */
    private synchronized void requireOneCheckpoint(String name, @Nullable Object first, @Nullable Object last) {
        SortedSet<String> found = new TreeSet<>();
        Stream.of(first, last).filter(Objects::nonNull).forEach(each -> found.add((String) each));
        SortedSet<String> all = new TreeSet<>(found);
        all.addAll(checkpoints);
        if (all.size() > 1) {
            delete(name);
            throw new LotusException(
                    found.size() > 1
                            ? "%s: executors have predicted with %s, expected one checkpoint; what they predicted last was deleted"
                                    .formatted(folder, String.join(" and with ", found))
                            : "%s: predicted with %s, expected %s as the results that are there; what was predicted was deleted; give those weights, or take another folder"
                                    .formatted(folder, found.first(), checkpoints.first()));
        }
        checkpoints.addAll(found);
    }

    /**
     * Settings name weights; what lies under the name may have changed between earlier runs.
     *
     * @throws LotusException if what is there is of more than one checkpoint
     */
    synchronized void requireOneCheckpoint() throws IOException {
        if (chunks().isEmpty()) {
            return;
        }
        List<Row> found = spark.read()
                .schema(new StructType().add(OutputColumns.CHECKPOINT, DataTypes.StringType))
                .parquet(folder.toString())
                .where(col(OutputColumns.CHECKPOINT).isNotNull())
                .groupBy(OutputColumns.CHECKPOINT)
                .agg(count_distinct(col("chunk")), min(col("chunk")))
                .collectAsList();
        if (found.size() > 1) {
            String told = found.stream()
                    .map(row -> "%s in %d folders, such as %s%s"
                            .formatted(row.getString(0), row.getLong(1), CHUNK, row.get(2)))
                    .collect(Collectors.joining(", and of "));
            throw new LotusException(
                    "%s: found results of %s; expected one checkpoint's; take another folder".formatted(folder, told));
        }
        found.forEach(row -> checkpoints.add(row.getString(0)));
    }

    /**
     * What lies there.
     *
     * @param images that have a row, or more
     * @param failures rows of images that failed
     */
    record Contents(long rows, long images, long failures) {}

    Contents contents() throws IOException {
        Row counts = done().agg(count(lit(1)), count_distinct(col("path")), count(col(OutputColumns.FAILURE)))
                .first();
        return new Contents(counts.getLong(0), counts.getLong(1), counts.getLong(2));
    }

    /** Folders, some of them, that hold images which have more than one row. */
    List<String> chunksOfDoubled() throws IOException {
        Dataset<Row> done = done();
        return done.join(done.groupBy("path").count().where("count > 1"), "path")
                .select(regexp_extract(col("file"), "/(" + CHUNK + "[^/]*)/", 1))
                .distinct()
                .limit(MOST_TOLD)
                .as(Encoders.STRING())
                .collectAsList();
    }
}
