package io.github.lotus4j.spark;

import com.sun.management.OperatingSystemMXBean;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark costs beside the plain API, and what a second executor brings: {@code scripts/spark-bench} runs it. Ways take turns, round by
 * round; figures are medians. The processor's time tells more than the clock where other work runs beside it.
 */
final class SparkBench {
    private static final String CHECKPOINT = "nano";
    private static final int CORES = 2;

    /** @param side of images, in pixels, and of what they are processed at */
    private record Plan(int images, int side, int rounds) {}

    private record Time(double wall, double processor) {}

    private interface Work {
        void run() throws Exception;
    }

    private SparkBench() {}

    /** @param args the report, images a round, their side, rounds, images of the curve, their side, rounds of the curve */
    public static void main(String[] args) throws Exception {
        Path report = Path.of(args[0]);
        Plan overhead = new Plan(number(args[1]), number(args[2]), number(args[3]));
        Plan curve = new Plan(number(args[4]), number(args[5]), number(args[6]));
        StringBuilder text = new StringBuilder();
        text.append("# Spark beside the plain API\n\nWritten by `scripts/spark-bench`; not edited. ")
                .append("The miniature, noise images, %s processors, Java %s, Spark %s, %s.%n"
                        .formatted(
                                Runtime.getRuntime().availableProcessors(),
                                Runtime.version().feature(),
                                org.apache.spark.package$.MODULE$.SPARK_VERSION(),
                                LocalDate.now(ZoneOffset.UTC)));
        text.append("Load of this machine before and after: ").append(load());
        overhead(text, overhead);
        curve(text, curve);
        text.insert(text.indexOf("\n\n##"), " and " + load() + " (its own two threads among it).");
        Files.writeString(report, text);
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(text);
    }

    private static int number(String argument) {
        return Integer.parseInt(argument);
    }

    private static String load() {
        return "%.0f".formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static List<String> images(Path folder, Plan plan) throws IOException {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < plan.images(); i++) {
            Path path = folder.resolve(plan.side() + "-" + i + ".png");
            Files.write(path, TestImages.png(plan.side(), plan.side(), i));
            paths.add(path.toString());
        }
        return paths;
    }

    private static void overhead(StringBuilder text, Plan plan) throws Exception {
        Path folder = Files.createTempDirectory("spark-bench");
        List<String> paths = images(folder, plan);
        PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(plan.side());
        List<List<Time>> times = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try (SparkSession spark = LocalSpark.builder("local[" + CORES + "]").getOrCreate();
                Lotus together = Lotus.builder().nanoDepth().threads(CORES).build();
                Lotus each = Lotus.builder().nanoDepth().threads(1).build()) {
            Dataset<Row> images =
                    spark.createDataset(paths, Encoders.STRING()).toDF("path").repartition(plan.images());
            LotusSpark lotus = LotusSpark.builder()
                    .depth(CHECKPOINT)
                    .processingResolution(plan.side())
                    .build();
            requireEqual(lotus.predict(images).collectAsList(), together, options);
            List<Work> ways = List.of(
                    () -> predictAll(together, paths, options, 1),
                    () -> predictAll(each, paths, options, CORES),
                    () -> lotus.predict(images)
                            .write()
                            .format("noop")
                            .mode("overwrite")
                            .save());
            for (int round = 0; round <= plan.rounds(); round++) { // the first one warms up
                for (int way = 0; way < ways.size(); way++) {
                    Time time = time(ways.get(way));
                    if (round > 0) {
                        times.get(way).add(time);
                    }
                }
            }
        }
        text.append(
                "%n%n## Overhead, %d×%d, %d cores%n%nResults were compared first, to the bit. %d images a round, %d rounds in turn.%n%n"
                        .formatted(plan.side(), plan.side(), CORES, plan.images(), plan.rounds()));
        text.append(
                "| | s an image | processor, s an image | beside the plain API's better way, by clock | by processor |\n|---|---|---|---|---|\n");
        List<String> names = List.of(
                "plain API, one image at a time, two threads",
                "plain API, two callers, a thread each",
                "Spark, local[2]");
        double clock = Math.min(wall(times.get(0)), wall(times.get(1)));
        double processor = Math.min(processor(times.get(0)), processor(times.get(1)));
        for (int way = 0; way < names.size(); way++) {
            double mine = wall(times.get(way));
            double used = processor(times.get(way));
            text.append("| %s | %.3f | %.3f | %+.1f %% | %+.1f %% |%n"
                    .formatted(
                            names.get(way),
                            mine / plan.images(),
                            used / plan.images(),
                            100 * (mine / clock - 1),
                            100 * (used / processor - 1)));
        }
    }

    private static void requireEqual(List<Row> rows, Lotus lotus, PredictionOptions options) {
        for (Row row : rows) {
            float[] expected = lotus.predictDepth(RgbImage.read(Path.of(row.<String>getAs("path"))), options)
                    .toArray();
            List<Float> found = row.getList(row.fieldIndex("depth"));
            for (int i = 0; i < expected.length; i++) {
                if (found.get(i) != expected[i]) {
                    throw new IllegalStateException("%s, value %d: found %s, expected %s"
                            .formatted(row.<String>getAs("path"), i, found.get(i), expected[i]));
                }
            }
        }
    }

    private static void predictAll(Lotus lotus, List<String> paths, PredictionOptions options, int callers)
            throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            List<Future<float[]>> results = new ArrayList<>();
            for (String path : paths) {
                results.add(threads.submit(() -> lotus.predictDepth(RgbImage.read(Path.of(path)), options)
                        .toArray()));
            }
            for (Future<float[]> result : results) {
                result.get();
            }
        }
    }

    private static Time time(Work work) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long processor = system.getProcessCpuTime();
        long start = System.nanoTime();
        work.run();
        return new Time((System.nanoTime() - start) / 1e9, (system.getProcessCpuTime() - processor) / 1e9);
    }

    private static double wall(List<Time> times) {
        return median(times.stream().mapToDouble(Time::wall).toArray());
    }

    private static double processor(List<Time> times) {
        return median(times.stream().mapToDouble(Time::processor).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Clusters take turns, too; each is warmed up, since its processes are new. */
    private static void curve(StringBuilder text, Plan plan) throws Exception {
        Path folder = Files.createTempDirectory("spark-bench");
        List<String> paths = images(folder, plan);
        Map<Integer, List<Time>> times = new HashMap<>(Map.of(1, new ArrayList<>(), 2, new ArrayList<>()));
        LotusSpark lotus = LotusSpark.builder()
                .depth(CHECKPOINT)
                .processingResolution(plan.side())
                .build();
        for (int round = 0; round < plan.rounds(); round++) {
            for (int executors = 1; executors <= 2; executors++) {
                try (SparkSession spark = LocalCluster.of(executors)) {
                    Dataset<Row> images = spark.createDataset(paths, Encoders.STRING())
                            .toDF("path")
                            .repartition(plan.images());
                    Work work = () -> lotus.predict(images)
                            .write()
                            .format("noop")
                            .mode("overwrite")
                            .save();
                    work.run();
                    times.getOrDefault(executors, new ArrayList<>()).add(time(work));
                }
            }
        }
        double one = wall(times.getOrDefault(1, List.of()));
        double two = wall(times.getOrDefault(2, List.of()));
        text.append(
                "%n## Executors, %d×%d%n%nlocal-cluster: each executor is a process with one core. %d images a round, %d rounds in turn, each after one to warm up.%n%n"
                        .formatted(plan.side(), plan.side(), plan.images(), plan.rounds()));
        text.append("| executors | images a minute | efficiency |\n|---|---|---|\n");
        text.append("| 1 | %.1f | 1.00 |%n| 2 | %.1f | %.2f |%n"
                .formatted(60 * plan.images() / one, 60 * plan.images() / two, one / two / 2));
    }
}
