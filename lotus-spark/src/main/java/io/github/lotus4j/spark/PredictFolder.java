package io.github.lotus4j.spark;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Predicts folders of images into a folder of Parquet files, and goes on where an earlier run ended: a main class for {@code
 * spark-submit}, or, with {@code -Dspark.master=local[*]}, for {@code java}. {@code --help} tells the rest.
 */
public final class PredictFolder {
    /** While the last tasks of one chunk run, those of the next have the cores that are free. */
    private static final int CHUNKS_AT_ONCE = 2;

    private static final int LEAST_PARTITIONS = 8;
    private static final int MOST_PARTITIONS = 32;
    private static final int LEAST_IMAGES_PER_COMMIT = 1_000;
    private static final int TASKS_OF_CORE_PER_COMMIT = 4;

    private static final String PLUGINS = "spark.plugins";

    private PredictFolder() {}

    /**
     * Runs it on the Spark that its configuration names.
     *
     * @throws LotusException if the command line is wrong, or the output holds results of other settings
     */
    public static void main(String[] args) throws IOException {
        if (List.of(args).contains("--help")) {
            System.out.print(PredictFolderArguments.USAGE);
            return;
        }
        try {
            run(PredictFolderArguments.parse(List.of(args)));
        } catch (LotusException e) { // what is wrong stands in the message, and where it was found helps nobody
            LotusException told = new LotusException(String.valueOf(e.getMessage()));
            told.setStackTrace(new StackTraceElement[0]);
            throw told;
        }
    }

    private static void run(PredictFolderArguments arguments) throws IOException {
        SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "PredictFolder");
        String plugins = conf.get(PLUGINS, "");
        if (!plugins.contains(LotusPlugin.class.getName())) {
            conf.set(PLUGINS, (plugins.isEmpty() ? "" : plugins + ",") + LotusPlugin.class.getName());
        }
        try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
            System.out.println(run(spark, arguments));
        }
    }

    /**
     * What a run did.
     *
     * @param images that were asked for
     * @param done of them before
     * @param failures among all that is in the output
     */
    record Outcome(long images, long done, long failures) {
        @Override
        public String toString() {
            return "%d images: %d were done before, %d now; images in the output that failed (the column failure says why): %d"
                    .formatted(images, done, images - done, failures);
        }
    }

    static Outcome run(SparkSession spark, PredictFolderArguments arguments) throws IOException {
        arguments.lotus().requireWeights(spark);
        PredictionStore store = new PredictionStore(spark, arguments.output());
        try (RunMark mark = store.mark()) {
            store.requireSettings(arguments.lotus().settings());
            store.finishReplacing();
            store.deleteBroken();
            store.requireOneCheckpoint();
            Outcome outcome = run(spark, arguments, store, mark);
            mark.requireHeld();
            return outcome;
        }
    }

    private static Outcome run(
            SparkSession spark, PredictFolderArguments arguments, PredictionStore store, RunMark mark)
            throws IOException {
        int cores = Math.max(
                1,
                spark.sparkContext().defaultParallelism()
                        / spark.sparkContext().conf().getInt("spark.task.cpus", 1));
        Dataset<Row> images = kept(ImageListing.of(spark, arguments), cores);
        try {
            long count = images.count();
            store.dropStale(images, arguments.retryFailed());
            Dataset<Row> rest = kept(store.without(images), cores);
            try {
                long left = rest.count();
                long chunks = Math.ceilDiv(left, imagesPerCommit(arguments, cores));
                System.out.printf(
                        "%d images, of which %d were done before; predicting %d in %d chunks%n",
                        count, count - left, left, chunks);
                predict(store, mark, rest, left, chunks, arguments, cores);
                requireAll(store.without(rest).count(), arguments);
                PredictionStore.Contents contents = store.contents();
                requireOnce(contents, store, arguments);
                return new Outcome(count, count - left, contents.failures());
            } finally {
                rest.unpersist();
            }
        } finally {
            images.unpersist();
        }
    }

    /** Whatever Spark's committer, or another program in the folder, has done. */
    private static void requireAll(long missing, PredictFolderArguments arguments) {
        if (missing > 0) {
            throw new LotusException("%s: %d images have no row there although all were predicted; run it again"
                    .formatted(arguments.output(), missing));
        }
    }

    /** Of two runs at once neither may have seen the other, as where a file system shows what another machine writes much later. */
    private static void requireOnce(
            PredictionStore.Contents contents, PredictionStore store, PredictFolderArguments arguments)
            throws IOException {
        if (contents.rows() > contents.images()) {
            throw new LotusException(("%s: found %d rows of %d images, as after two runs at once, expected one of each;"
                            + " images of these folders stand there twice: %s; delete one of each two, and run it again")
                    .formatted(
                            arguments.output(),
                            contents.rows(),
                            contents.images(),
                            String.join(", ", store.chunksOfDoubled())));
        }
    }

    /** In few pieces: every chunk looks through all of them, and each deals its images out to tasks by itself, so that few are even. */
    private static Dataset<Row> kept(Dataset<Row> images, int cores) {
        return images.coalesce(Math.clamp(cores, LEAST_PARTITIONS, MOST_PARTITIONS))
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    /**
     * Which chunk an image goes to is decided by its path; a chunk's name is of what it holds, and of the run, so that no
     * two ever write to one.
     *
     * @param cores tasks that run at the same time
     */
    private static void predict(
            PredictionStore store,
            RunMark mark,
            Dataset<Row> rest,
            long left,
            long chunks,
            PredictFolderArguments arguments,
            int cores) {
        Dataset<Row> numbered = rest.withColumn("chunk", pmod(xxhash64(col("path")), lit(Math.max(1, chunks))));
        List<Row> contents = numbered.groupBy("chunk")
                .agg(count(lit(1)), bit_xor(xxhash64(col("path"), col("modificationTime"), col("length"))))
                .orderBy("chunk")
                .collectAsList();
        RunProgress progress = new RunProgress(left);
        List<Runnable> jobs = new ArrayList<>();
        for (Row chunk : contents) {
            long size = chunk.getLong(1);
            int tasks = tasks(size, arguments.imagesPerTask(), cores);
            Dataset<Row> inputs = numbered.where(col("chunk").equalTo(chunk.getLong(0)))
                    .drop("chunk")
                    .repartition(tasks);
            String name = "c%016x-%d-%s".formatted(chunk.getLong(2), size, mark.id());
            jobs.add(() -> {
                mark.requireHeld();
                long failed = predictChunk(store, mark, name, arguments.lotus().predict(inputs));
                System.out.println(progress.after(size, failed));
            });
        }
        ChunkJobs.run(jobs, CHUNKS_AT_ONCE);
    }

    /**
     * Writes a chunk, which does not stay where another run has taken this one's place: that one predicts the same images, and may have
     * deleted files of the chunk.
     *
     * @return how many images failed
     */
    static long predictChunk(PredictionStore store, RunMark mark, String name, Dataset<Row> predictions) {
        long failed = store.write(name, predictions);
        try {
            mark.requireHeld();
            return failed;
        } catch (LotusException e) {
            store.delete(name);
            throw e;
        }
    }

    /** So many that the cores have enough to do while two chunks are under way. */
    private static long imagesPerCommit(PredictFolderArguments arguments, int cores) {
        return arguments.imagesPerCommit() > 0
                ? arguments.imagesPerCommit()
                : Math.max(
                        LEAST_IMAGES_PER_COMMIT, (long) TASKS_OF_CORE_PER_COMMIT * cores * arguments.imagesPerTask());
    }

    /** Few images are spread over all cores. */
    private static int tasks(long images, int imagesPerTask, int cores) {
        return Math.toIntExact(Math.max(Math.ceilDiv(images, imagesPerTask), Math.min(images, cores)));
    }
}
