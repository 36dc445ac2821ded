package io.github.lotus4j.spark;

import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Depth and normals of a DataFrame of images. Each executor loads the model when its first task needs it, keeps it, and all its tasks
 * share it; {@link LotusPlugin} closes it with the executor. Of the model's threads, all tasks that run at the same time together have
 * as many as the cores that Spark gave them: with {@code spark.task.cpus=1} an image is computed by one thread, as many images at the
 * same time as there are cores, which is fastest and takes the memory of so many predictions; with as many as the executor's cores, one
 * image at a time by all of them.
 *
 * <p>Results are to the bit those of {@link io.github.lotus4j.Lotus} with the same options, whatever the partitioning. Immutable and
 * thread-safe.
 */
public final class LotusSpark {
    private final ModelSettings model;
    private final PredictionSettings prediction;
    private final @Nullable String input;

    LotusSpark(ModelSettings model, PredictionSettings prediction, @Nullable String input) {
        this.model = model;
        this.prediction = prediction;
        this.input = input;
    }

    public static LotusSparkBuilder builder() {
        return new LotusSparkBuilder();
    }

    /**
     * The same rows, with their columns but for the images' bytes, and these:
     *
     * <ul>
     *   <li>{@code width}, {@code height} (int): of the maps, the image's own unless {@code matchInput} is off;
     *   <li>where depth is predicted, {@code kind} (string): AFFINE_DEPTH or AFFINE_DISPARITY; {@code depth}, in [0, 1], as {@link
     *       MapEncoding} has it; {@code depth_min}, {@code depth_max} (float), {@code depth_mean} (double);
     *   <li>where normals are, {@code normals}, x to the left, y up, z toward the camera;
     *   <li>{@code checkpoint} (string): name and fingerprint of what predicted it;
     *   <li>{@code failure} (string): null, or why there is no prediction; all the others are null then. Whatever is wrong with an image
     *       or with reading it is its row's failure. What is wrong with the weights or the device fails the task.
     * </ul>
     *
     * Nothing is read before Spark asks for rows, and no more than one image a task is in memory then. All columns are computed, even
     * if only some are asked for, and again each time: write them, or persist them, before they are used twice.
     *
     * @throws LotusException if there is no column of images, it is of another type, or one has a name of the above
     */
    public Dataset<Row> predict(Dataset<Row> images) {
        Objects.requireNonNull(images, "images");
        StructType given = images.schema();
        InputColumn column = InputColumn.of(
                given, input, images.sparkSession().sparkContext().hadoopConfiguration());
        OutputColumns outputs = new OutputColumns(model.depth() != null, model.normal() != null, prediction.encoding());
        List<StructField> fields = new ArrayList<>(Arrays.asList(given.fields()));
        if (column.bytes()) {
            fields.remove(column.index());
        }
        for (StructField each : outputs.fields()) {
            requireFree(each.name(), fields);
        }
        fields.addAll(outputs.fields());
        return images.mapPartitions(
                new PredictPartition(model, prediction, column, outputs),
                Encoders.row(new StructType(fields.toArray(StructField[]::new))));
    }

    /**
     * Has an executor look for the weights, which takes a moment, and spares the failures of all tasks of a job.
     *
     * @throws LotusException if they are not where that executor is
     */
    void requireWeights(SparkSession spark) {
        ModelSettings looked = model;
        MapFunction<Long, String> missing = _ -> looked.missing().orElse("");
        String found = spark.range(0, 1, 1, 1).map(missing, Encoders.STRING()).first();
        if (!found.isEmpty()) {
            throw new LotusException(found);
        }
    }

    /** In a line, all that decides what comes out. */
    String settings() {
        return "depth %s, normals %s, backend %s, exact %s, %s"
                .formatted(model.depth(), model.normal(), model.backend(), model.exact(), prediction.described());
    }

    private static void requireFree(String name, List<StructField> fields) {
        for (StructField each : fields) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                throw new LotusException("images: found a column \"" + each.name()
                        + "\", which is the name of a result; rename it, or leave it out");
            }
        }
    }
}
