package io.github.lotus4j.spark;

import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.error.LotusException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says what executors load, how they predict and what they give. Weights are named as executors find them:
 *
 * <ul>
 *   <li>a path that every executor sees;
 *   <li>the name of a checkpoint in the Hugging Face hub's cache of every machine, such as {@code lotus-depth-d-v2-0-disparity};
 *   <li>{@code spark:NAME} for what Spark distributes: {@code --archives hdfs:///weights.zip#NAME}, or {@code
 *       SparkContext.addFile(folder, true)}, where NAME is the folder's. The name says what a depth checkpoint predicts, as the
 *       published ones' do;
 *   <li>{@code nano} for the embedded miniature (artifact {@code lotus-nano}).
 * </ul>
 *
 * Nothing is downloaded from the hub. Not thread-safe.
 */
public final class LotusSparkBuilder {
    private @Nullable String depth;
    private @Nullable String normal;
    private String backend = "auto";
    private boolean exact;
    private @Nullable String packedWeightsCache;
    private @Nullable Integer processingResolution;
    private boolean matchInput = true;
    private long seed;
    private int steps = 1;
    private int ensemble = 1;
    private @Nullable Integer vaeTile;
    private MapEncoding encoding = MapEncoding.FLOATS;
    private long maxPixels = 50_000_000;
    private @Nullable String input;

    LotusSparkBuilder() {}

    /** Predicts depth or disparity with these weights. */
    public LotusSparkBuilder depth(String weights) {
        depth = named(weights);
        return this;
    }

    /** Predicts normals with these weights; with depth, too, each image is encoded once if both have the same VAE. */
    public LotusSparkBuilder normal(String weights) {
        normal = named(weights);
        return this;
    }

    private static String named(String weights) {
        if (weights.isBlank() || weights.equals(Weights.SPARK_FILES)) {
            throw new LotusException("weights: found \"" + weights + "\", expected a path, spark:NAME, nano,"
                    + " or the name of a checkpoint in the hub's cache");
        }
        return weights;
    }

    /** As {@link LotusBuilder#backend}. Where Spark gives tasks a GPU, {@code auto} and {@code cuda} take that one. */
    public LotusSparkBuilder backend(String name) {
        backend = Objects.requireNonNull(name, "name");
        return this;
    }

    /** As {@link LotusBuilder#exact}. */
    public LotusSparkBuilder exact(boolean on) {
        exact = on;
        return this;
    }

    /** As {@link LotusBuilder#packedWeightsCache}, a folder on each machine, which its executors share. */
    public LotusSparkBuilder packedWeightsCache(String folder) {
        packedWeightsCache = Objects.requireNonNull(folder, "folder");
        return this;
    }

    /** As {@link PredictionOptions#processingResolution()}. */
    public LotusSparkBuilder processingResolution(int pixels) {
        processingResolution = pixels;
        return this;
    }

    /** As {@link PredictionOptions#matchInput()}; off, results have the size that images are processed at, and take less room. */
    public LotusSparkBuilder matchInput(boolean on) {
        matchInput = on;
        return this;
    }

    /** As {@link PredictionOptions#seed()}: the same for every image, whatever the partitioning. */
    public LotusSparkBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** As {@link PredictionOptions#steps()}. */
    public LotusSparkBuilder steps(int count) {
        steps = count;
        return this;
    }

    /** As {@link PredictionOptions#ensemble()}. */
    public LotusSparkBuilder ensemble(int count) {
        ensemble = count;
        return this;
    }

    /** As {@link PredictionOptions#vaeTile()}. */
    public LotusSparkBuilder vaeTile(int pixels) {
        vaeTile = pixels;
        return this;
    }

    /** What the columns of maps hold; {@link MapEncoding#FLOATS} unless said otherwise. */
    public LotusSparkBuilder encoding(MapEncoding kind) {
        encoding = Objects.requireNonNull(kind, "kind");
        return this;
    }

    /** The most pixels that an image may have, 50 million unless said otherwise; larger ones are not decoded. */
    public LotusSparkBuilder maxPixels(long count) {
        maxPixels = count;
        return this;
    }

    /**
     * The column of the images: {@code binary}, a file's bytes, which is left out of the result, or {@code string}, a path of any file
     * system that Hadoop knows. Without this it is {@code content}, as of Spark's binaryFile, or, if there is none, {@code path}.
     */
    public LotusSparkBuilder input(String column) {
        input = Objects.requireNonNull(column, "column");
        return this;
    }

    /**
     * Checks all that can be checked without the weights; loads nothing.
     *
     * @throws LotusException if a number is out of its range, or what was asked for does not go together
     */
    public LotusSpark build() {
        if (depth == null && normal == null) {
            throw new LotusException(
                    "no weights were named, expected a depth checkpoint's, a normal checkpoint's, or both, such as nano");
        }
        if (depth != null && normal != null && Weights.isNano(depth) != Weights.isNano(normal)) {
            throw new LotusException("both the miniature and a checkpoint were named, expected one: found depth from "
                    + depth + " and normals from " + normal);
        }
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 17) { // an array of normals has to fit into a row
            throw new LotusException("most pixels: found " + maxPixels + ", expected 1 to " + Integer.MAX_VALUE / 17);
        }
        PredictionSettings prediction = new PredictionSettings(
                processingResolution, matchInput, seed, steps, ensemble, vaeTile, encoding, maxPixels);
        prediction.options();
        return new LotusSpark(new ModelSettings(depth, normal, backend, exact, packedWeightsCache), prediction, input);
    }
}
