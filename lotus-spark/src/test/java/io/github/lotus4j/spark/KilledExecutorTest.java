package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 2,000 images on two executors, each a process of its own, of which one is killed while they run. */
@Timeout(900) // an executor that does not start would be waited for forever
class KilledExecutorTest {
    private static final int IMAGES = 2000;
    private static final int EVERY_BAD = 100;
    private static final int TASKS_BEFORE = 30;
    private static final int RESOLUTION = 16;

    @TempDir
    Path temp;

    @Test
    void nothingIsLostOrDoubled() throws Exception {
        Path photos = Files.createDirectories(temp.resolve("photos"));
        Map<String, float[]> expected = predictedHere(photos);
        Path output = temp.resolve("output");
        try (SparkSession spark = LocalCluster.of(2)) {
            Killer killer = new Killer();
            spark.sparkContext().addSparkListener(killer);
            PredictFolder.Outcome outcome = PredictFolder.run(
                    spark,
                    PredictFolderArguments.parse(List.of(
                            "--output",
                            output.toString(),
                            "--depth",
                            "nano",
                            "--encoding",
                            "floats",
                            "--processing-res",
                            String.valueOf(RESOLUTION),
                            "--images-per-task",
                            "20",
                            "--images-per-commit",
                            "1000",
                            photos.toString())));
            assertThat(killer.killed.getNow(null)).isNotNull().matches(each -> !each.isAlive());
            assertThat(killer.removed).hasPositiveValue();
            assertThat(killer.predictedBefore).hasSize(2); // both
            assertThat(killer.tasks).hasValueGreaterThan(TASKS_BEFORE + 40); // it was in the middle
            assertThat(outcome).isEqualTo(new PredictFolder.Outcome(IMAGES, 0, IMAGES / EVERY_BAD));
            requireEqual(spark.read().parquet(output.toString()).collectAsList(), expected);
        }
    }

    /** In a file, its number; every hundredth image is bad. */
    private static Map<String, float[]> predictedHere(Path photos) throws IOException {
        PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(RESOLUTION);
        Map<String, float[]> depths = new HashMap<>();
        try (Lotus lotus = Lotus.builder().nanoDepth().threads(1).build()) {
            for (int i = 0; i < IMAGES; i++) {
                byte[] png = TestImages.png(20, 12 + i % 8, i);
                boolean bad = i % EVERY_BAD == 0;
                String name = i + ".png";
                Files.write(photos.resolve(name), bad ? new byte[] {1, 2, 3} : png);
                depths.put(
                        name,
                        bad
                                ? new float[0]
                                : lotus.predictDepth(RgbImage.decode(name, png), options)
                                        .toArray());
            }
        }
        return depths;
    }

    private static void requireEqual(List<Row> rows, Map<String, float[]> expected) {
        Map<String, float[]> left = new HashMap<>(expected);
        List<String> different = new ArrayList<>();
        for (Row row : rows) {
            String path = row.getAs("path");
            float[] depth = left.remove(path.substring(path.lastIndexOf('/') + 1));
            if (depth == null) {
                throw new AssertionError(path + " is there twice");
            }
            boolean bad = depth.length == 0;
            assertThat(row.isNullAt(row.fieldIndex("failure"))).as(path).isEqualTo(!bad);
            if (!bad && !Arrays.equals(floats(row), depth)) {
                different.add("%s in %s: found %s, expected %s"
                        .formatted(path, row.getAs("chunk"), Arrays.toString(floats(row)), Arrays.toString(depth)));
            }
        }
        assertThat(different).isEmpty();
        assertThat(left).isEmpty();
    }

    private static float[] floats(Row row) {
        List<Float> list = row.getList(row.fieldIndex("depth"));
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }

    /** Kills one of this process's executors after some tasks that have predicted and written. */
    private static final class Killer extends SparkListener {
        final AtomicInteger tasks = new AtomicInteger();
        final AtomicInteger removed = new AtomicInteger();
        final Set<String> predictedBefore = ConcurrentHashMap.newKeySet();
        final CompletableFuture<ProcessHandle> killed = new CompletableFuture<>();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.taskMetrics() == null || end.taskMetrics().outputMetrics().recordsWritten() == 0) {
                return; // of a listing, or a failed one
            }
            int count = tasks.incrementAndGet();
            if (count <= TASKS_BEFORE) {
                predictedBefore.add(end.taskInfo().executorId());
            }
            if (count == TASKS_BEFORE) {
                ProcessHandle executor = ProcessHandle.current()
                        .descendants()
                        .filter(each ->
                                each.info().command().orElse("").endsWith("java")) // its arguments may be cut off
                        .findFirst()
                        .orElseThrow();
                executor.destroyForcibly();
                killed.complete(executor);
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            removed.incrementAndGet();
        }
    }
}
