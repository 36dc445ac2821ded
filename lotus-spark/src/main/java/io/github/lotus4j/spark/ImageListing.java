package io.github.lotus4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The images that are to be predicted: rows of a path, each path once, and what tells that its file has changed. Listed by the driver:
 * Spark's own listing leaves out what cameras call _DSC1234.JPG.
 */
final class ImageListing {
    /** {@code modificationTime} and {@code length} are null of a list, whose files nobody has looked at. */
    static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType)
            .add("modificationTime", DataTypes.TimestampType)
            .add("length", DataTypes.LongType);

    private static final Pattern IMAGE = Pattern.compile("\\.(png|jpe?g|jpe|webp|tiff?|bmp|gif)$");
    private static final int ROWS_OF_A_SLICE = 50_000;

    private final FileSystem system;
    private final boolean recursive;
    private final List<Row> rows;

    private ImageListing(FileSystem system, boolean recursive, List<Row> rows) {
        this.system = system;
        this.recursive = recursive;
        this.rows = rows;
    }

    /** @throws LotusException if there is nothing of a name, or that a pattern matches */
    static Dataset<Row> of(SparkSession spark, PredictFolderArguments arguments) throws IOException {
        String list = arguments.list();
        Dataset<Row> found = list != null ? listed(spark, list) : files(spark, arguments);
        return found.dropDuplicates(new String[] {"path"});
    }

    private static Dataset<Row> files(SparkSession spark, PredictFolderArguments arguments) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String input : arguments.inputs()) {
            Path path = new Path(input);
            FileSystem system = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
            FileStatus[] named = system.globStatus(path);
            if (named == null || named.length == 0) {
                throw new LotusException(
                        input + " does not exist, expected a folder, an image or a pattern that something matches");
            }
            ImageListing listing = new ImageListing(system, arguments.recursive(), rows);
            for (FileStatus each : named) {
                listing.add(each);
            }
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return spark.createDataFrame(context.parallelize(rows, 1 + rows.size() / ROWS_OF_A_SLICE), SCHEMA);
    }

    /** A file that was named is taken, whatever its suffix. */
    private void add(FileStatus named) throws IOException {
        if (!named.isDirectory()) {
            addFile(named);
        } else if (recursive) {
            RemoteIterator<? extends FileStatus> files = system.listFiles(named.getPath(), true);
            while (files.hasNext()) {
                addImage(files.next());
            }
        } else {
            for (FileStatus each : system.listStatus(named.getPath())) {
                addImage(each);
            }
        }
    }

    private void addImage(FileStatus file) {
        String name = file.getPath().getName().toLowerCase(Locale.ROOT);
        if (file.isFile() && !name.startsWith(".") && IMAGE.matcher(name).find()) {
            addFile(file);
        }
    }

    private void addFile(FileStatus file) {
        rows.add(
                RowFactory.create(file.getPath().toString(), new Timestamp(file.getModificationTime()), file.getLen()));
    }

    private static Dataset<Row> listed(SparkSession spark, String list) throws IOException {
        Path file = new Path(list);
        if (!file.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(file)) {
            throw new LotusException(list + " does not exist, expected a text file with a path a line");
        }
        SerializableConfiguration hadoop =
                new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        MapFunction<String, String> qualified = path -> qualified(path, hadoop);
        return spark.read()
                .textFile(list)
                .where("trim(value) != ''")
                .map(qualified, Encoders.STRING())
                .select(
                        col("value").as("path"),
                        lit(null).cast(DataTypes.TimestampType).as("modificationTime"),
                        lit(null).cast(DataTypes.LongType).as("length"));
    }

    /** As a listing calls the same file: results tell by it what is done. Of no file system that is known, as it is. */
    private static String qualified(String name, SerializableConfiguration hadoop) {
        try {
            Path path = new Path(name);
            return path.getFileSystem(hadoop.value()).makeQualified(path).toString();
        } catch (IOException | IllegalArgumentException e) { // reading it says why
            return name;
        }
    }
}
