package io.github.lotus4j.benchmarks;

import ai.onnxruntime.OrtSession;
import io.github.lotus4j.FullSizeRun;
import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Pipeline;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.weights.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Checks the outputs against recorded values, then runs the benchmarks and writes {@code benchmarks/REPORT.md} and the figures
 * in {@code README.md}. Runs in the repository's root.
 */
public final class Report {
    private static final Path REPORT = Path.of("benchmarks", "REPORT.md");
    private static final Path README = Path.of("README.md");
    private static final String BEGIN = "<!-- figures: written by ./lotus-bench -->";
    private static final String END = "<!-- end of figures -->";

    private Report() {}

    /** @param arguments none; or {@code --nano}, for the report only, without what is of full size; or {@code --readme}, for that only */
    public static void main(String[] arguments) throws Exception {
        boolean small = List.of(arguments).contains("--nano");
        String machine = Machine.description(Machine.processors()) + "\n\n";
        String parity = small ? "" : parity();
        String process = small ? "" : process();
        String stages = stages(small);
        if (!List.of(arguments).contains("--readme")) {
            String title = "# Measured\n\nWritten by `./lotus-bench`; not edited.\n\n";
            Files.writeString(REPORT, title + machine + parity + process + stages + product() + operators());
        }
        if (!small) {
            String figures = BEGIN + "\n" + machine + stages + process + parity + END;
            String readme = Files.readString(README);
            int begin = readme.indexOf(BEGIN);
            int end = readme.indexOf(END) + END.length();
            Files.writeString(README, readme.substring(0, begin) + figures + readme.substring(end));
        }
    }

    /** A recorded run of the reference implementation on the same synthetic weights. */
    private static String parity() throws IOException {
        StringBuilder table = new StringBuilder(
                "| 512×512, against the reference | largest difference | relative L2 |\n|---|---|---|\n");
        Path folder = Files.createTempDirectory("lotus-bench");
        Path golden = Golden.copy("full-d-f16-512x512", folder);
        try (Backend backend = Machine.backend("cpu", Machine.processors())) {
            for (GoldenRun.Stage stage : GoldenRun.compare(golden, Model.SD2.folder(), backend)) {
                if (!stage.passes()) {
                    throw new IllegalStateException("wrong results are not timed: " + stage);
                }
                table.append(String.format(
                        Locale.ROOT,
                        "| %s | %.1e | %.1e |%n",
                        stage.name(),
                        stage.found().maxAbs(),
                        stage.found().relative()));
            }
        } finally {
            Files.delete(golden);
            Files.delete(folder);
        }
        return table.append('\n').toString();
    }

    /** In processes of their own. */
    private static String process() throws IOException, InterruptedException {
        Path checkpoint = Model.SD2.folder();
        int side = Model.SD2.side();
        Map<String, Double> figures = FullSizeRun.inProcess(checkpoint, side, 2);
        Path cache = Model.WORK.resolve("packed");
        FullSizeRun.inProcess(checkpoint, side, 0, cache); // writes it
        Map<String, Double> cached = FullSizeRun.inProcess(checkpoint, side, 0, cache);
        return String.format(
                Locale.ROOT,
                "| 512×512, float16 weights, fresh process | |%n|---|---|%n| load | %.1f s |%n"
                        + "| load, with a cache of packed weights | %.1f s |%n| first prediction | %.1f s |%n"
                        + "| second prediction | %.1f s |%n| weights | %.0f MB |%n"
                        + "| one prediction, on top | %.0f MB |%n| largest resident memory | %.0f MB |%n%n",
                figures.get("load s"),
                cached.get("load s"),
                figures.get("prediction 0 s"),
                figures.get("prediction 1 s"),
                figures.get("weights MB"),
                figures.get("prediction MB"),
                figures.get("resident MB"));
    }

    private static String stages(boolean small) throws RunnerException, IOException {
        StringBuilder table = new StringBuilder(
                "| depth of one image, ms | VAE encode | UNet | VAE decode | whole | GFLOP/s |\n|---|---|---|---|---|---|\n");
        table.append(stages(Model.NANO, "nano", FullSizeRun.VECTOR_API));
        table.append(stages(Model.NANO, "nano without the vector module", List.of()));
        if (!small) {
            table.append(stages(Model.SD2, "Stable Diffusion 2's size", FullSizeRun.VECTOR_API));
        }
        return table.append('\n').toString();
    }

    private static String stages(Model model, String title, List<String> more) throws RunnerException, IOException {
        OptionsBuilder options = of(StageBenchmark.class, more);
        options.param("model", model.name());
        RunResult result = new Runner(options.build()).runSingle();
        double whole = result.getPrimaryResult().getScore();
        return String.format(
                Locale.ROOT,
                "| %s, %d×%d | %.0f | %.0f | %.0f | %.0f ± %.0f | %.0f |%n",
                title,
                model.side(),
                model.side(),
                part(result, "encode"),
                part(result, "denoise"),
                part(result, "decode"),
                whole,
                result.getPrimaryResult().getStatistics().getStandardDeviation(),
                2 * work(model) / whole / 1e6);
    }

    /** With the settings that README.md advises, and more, in the place of this process's own, which name the vector module. */
    private static OptionsBuilder of(Class<?> benchmark, List<String> more) {
        OptionsBuilder options = new OptionsBuilder();
        options.include(benchmark.getName());
        options.jvmArgs(
                Stream.concat(FullSizeRun.ADVISED.stream(), more.stream()).toArray(String[]::new));
        return options;
    }

    /** Milliseconds of a part; the counter adds up over all iterations. */
    private static double part(RunResult result, String stage) {
        return Objects.requireNonNull(result.getSecondaryResults().get(stage), stage)
                        .getScore()
                / result.getPrimaryResult().getStatistics().getN();
    }

    /** Of all iterations, each of which ran once; in milliseconds. */
    private static double median(RunResult result, String part) {
        double[] times = result.getBenchmarkResults().stream()
                .flatMap(each -> each.getIterationResults().stream())
                .mapToDouble(each -> Objects.requireNonNull(
                                each.getSecondaryResults().get(part), part)
                        .getScore())
                .sorted()
                .toArray();
        return times[times.length / 2];
    }

    private static double work(Model model) throws IOException {
        Settings settings = new Settings(
                0, Filter.BILINEAR, true, 0, 1, 1, Task.PREDICTION, OptionalLong.empty(), OptionalInt.empty());
        try (Backend backend = Machine.backend("cpu", Machine.processors());
                LoadedCheckpoint loaded = LoadedCheckpoint.load(model.folder(), backend)) {
            return Pipeline.plan(
                            List.of(loaded.pipeline()), new Shape(1, model.side(), model.side(), 3), settings, backend)
                    .work();
        }
    }

    private static String product() throws RunnerException {
        OptionsBuilder options = of(ProductBenchmark.class, FullSizeRun.VECTOR_API);
        StringBuilder table = new StringBuilder(
                "| product of 1024×1024×1024 | GFLOP/s | a loop of FMAs, in turn with it | ratio |\n|---|---|---|---|\n");
        double work = 2 * Math.pow(1024, 3);
        for (RunResult result : new Runner(options.build()).run()) {
            double product = median(result, "product");
            double fma = median(result, "fma");
            table.append(String.format(
                    Locale.ROOT,
                    "| threads: %s | %.0f | %.0f | %.2f |%n",
                    result.getParams().getParam("threads"),
                    work / product / 1e6,
                    work / fma / 1e6,
                    fma / product));
        }
        return table.append('\n').toString();
    }

    private static String operators() throws RunnerException {
        OptionsBuilder options = of(OperatorBenchmark.class, FullSizeRun.VECTOR_API);
        Map<Operator, Map<OperatorBenchmark.Software, Double>> times = new EnumMap<>(Operator.class);
        for (RunResult result : new Runner(options.build()).run()) {
            times.computeIfAbsent(
                            Operator.valueOf(result.getParams().getParam("operator")),
                            operator -> new EnumMap<>(OperatorBenchmark.Software.class))
                    .put(
                            OperatorBenchmark.Software.valueOf(
                                    result.getParams().getParam("software")),
                            result.getPrimaryResult().getScore());
        }
        StringBuilder table = new StringBuilder("| operator | ms | GFLOP/s | ONNX Runtime "
                + OrtSession.class.getPackage().getImplementationVersion() + ", ms | ratio |\n|---|---|---|---|---|\n");
        for (Operator operator : Operator.values()) {
            Map<OperatorBenchmark.Software, Double> found = times.getOrDefault(operator, Map.of());
            double ours = found.getOrDefault(OperatorBenchmark.Software.LOTUS, Double.NaN);
            double theirs = found.getOrDefault(OperatorBenchmark.Software.ONNX_RUNTIME, Double.NaN);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s |%n",
                    operator.title(),
                    figure("%.2f", ours),
                    figure("%.0f", 2 * work(operator) / ours / 1e6),
                    figure("%.2f", theirs),
                    figure("%.2f", ours / theirs)));
        }
        return table.append('\n').toString();
    }

    /** JMH leaves out what has failed. */
    private static String figure(String format, double value) {
        return Double.isNaN(value) ? "failed" : String.format(Locale.ROOT, format, value);
    }

    private static double work(Operator operator) {
        try (LotusOperator ours = new LotusOperator(operator, Machine.backend("cpu", Machine.processors()))) {
            ours.run();
            return ours.work();
        }
    }
}
