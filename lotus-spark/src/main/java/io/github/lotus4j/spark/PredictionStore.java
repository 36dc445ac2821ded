package io.github.lotus4j.spark;

import static org.apache.spark.sql.functions.col;

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
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * A folder of predictions, in chunks that are there as wholes: folders {@code chunk=…} of Parquet files, with Spark's {@code _SUCCESS}.
 * What has been done is told by the rows themselves. One run at a time.
 */
final class PredictionStore {
    private static final String CHUNK = "chunk=";
    private static final String WHOLE = "_SUCCESS";
    private static final String SETTINGS = "_lotus-settings.txt";
    private static final int LONGEST_SETTINGS = 1 << 16;

    private final SparkSession spark;
    private final Path folder;
    private final FileSystem system;

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
     * Makes sure that all results are made in one way.
     *
     * @throws LotusException if those that are there were made in another, or by something else
     */
    void requireSettings(String settings) throws IOException {
        String mine = "Lotus for Java " + Lotus.version() + "\n" + settings + "\n";
        Path file = new Path(folder, SETTINGS);
        try (FSDataInputStream in = system.open(file)) {
            String found = new String(in.readNBytes(LONGEST_SETTINGS), StandardCharsets.UTF_8);
            if (!found.equals(mine)) {
                throw new LotusException(
                        "%s holds results of other settings: found%n%s, expected%n%s; take another folder"
                                .formatted(folder, found.strip(), mine.strip()));
            }
        } catch (FileNotFoundException e) {
            if (!chunks().isEmpty()) {
                throw new LotusException(
                        folder + " holds folders chunk=… and no " + SETTINGS
                                + ": they are of something else; take another folder",
                        e);
            }
            Path fresh = new Path(folder, SETTINGS + ".tmp");
            try (OutputStream out = system.create(fresh, true)) {
                out.write(mine.getBytes(StandardCharsets.UTF_8));
            }
            if (!system.rename(fresh, file)) {
                throw new LotusException(file + " cannot be written");
            }
        }
    }

    /** Deletes chunks whose writing ended before they were whole. */
    void deleteBroken() throws IOException {
        for (Path chunk : chunks()) {
            if (!system.exists(new Path(chunk, WHOLE))) {
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

    /**
     * Deletes files with rows that no longer hold: of images that have changed, or that failed and are to be done again. What else is in
     * such a file has to be done again, too.
     *
     * @return how many
     */
    long deleteStale(Dataset<Row> images, boolean failed) throws IOException {
        Dataset<Row> done = done().alias("done");
        Dataset<Row> now = images.alias("now");
        String changed = "not (now.modificationTime <=> done.modificationTime and now.length <=> done.length)";
        List<String> files = done.join(now, "path")
                .where(failed ? changed + " or done.failure is not null" : changed)
                .select("done.file")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList();
        for (String file : files) {
            system.delete(new Path(URI.create(file)), false);
        }
        return files.size();
    }

    /** Writes a chunk, which is not there before it is whole; one of the same name is replaced. */
    void write(String name, Dataset<Row> predictions) {
        predictions
                .write()
                .mode(SaveMode.Overwrite)
                .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "true")
                .option("parquet.block.size.row.check.min", "1") // rows are large: memory is looked at after each
                .option("parquet.page.size.row.check.min", "1")
                .parquet(new Path(folder, CHUNK + name).toString());
    }

    /** How many images failed. */
    long failures() throws IOException {
        return done().where(col(OutputColumns.FAILURE).isNotNull()).count();
    }
}
