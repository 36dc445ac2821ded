package io.github.lotus4j.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The images that are to be predicted: rows of a path, each path once, and what tells that its file has changed. */
final class ImageListing {
    /** {@code modificationTime} and {@code length} are null of a list, whose files nobody has looked at. */
    static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType)
            .add("modificationTime", DataTypes.TimestampType)
            .add("length", DataTypes.LongType);

    private static final String IMAGE_SUFFIX = "\\.(png|jpe?g|jpe|webp|tiff?|bmp|gif)$";

    private ImageListing() {}

    static Dataset<Row> of(SparkSession spark, PredictFolderArguments arguments) {
        String list = arguments.list();
        Dataset<Row> found = list != null ? listed(spark, list) : files(spark, arguments);
        return found.dropDuplicates(new String[] {"path"});
    }

    /** No file is opened: the column of their contents is not asked for. */
    private static Dataset<Row> files(SparkSession spark, PredictFolderArguments arguments) {
        return spark.read()
                .format("binaryFile")
                .option("recursiveFileLookup", arguments.recursive())
                .load(arguments.inputs().toArray(String[]::new))
                .select("path", "modificationTime", "length")
                .where(lower(col("path")).rlike(IMAGE_SUFFIX));
    }

    private static Dataset<Row> listed(SparkSession spark, String list) {
        return spark.read()
                .text(list)
                .where("trim(value) != ''")
                .select(
                        col("value").as("path"),
                        lit(null).cast(DataTypes.TimestampType).as("modificationTime"),
                        lit(null).cast(DataTypes.LongType).as("length"));
    }
}
