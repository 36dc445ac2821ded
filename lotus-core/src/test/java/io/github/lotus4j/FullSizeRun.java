package io.github.lotus4j;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Loads a checkpoint and predicts, in a process of its own; prints seconds and the largest resident memory. */
public final class FullSizeRun {
    /** What README.md advises to run Java with, the Vector API apart. */
    public static final List<String> ADVISED = List.of(
            "-XX:+UseSerialGC",
            "-XX:ObjectAlignmentInBytes=64",
            "-XX:CompileThresholdScaling=0.5",
            "-XX:+IgnoreUnrecognizedVMOptions", // the next one is Linux's alone
            "-XX:+UseTransparentHugePages");

    public static final List<String> VECTOR_API = List.of("--add-modules", "jdk.incubator.vector");

    private FullSizeRun() {}

    /** @param arguments the checkpoint's folder, the side of a square image in pixels, how many predictions, a cache's folder or none */
    public static void main(String[] arguments) throws IOException {
        int side = Integer.parseInt(arguments[1]);
        RgbImage image = NoiseImage.of(side, side, 1);
        LotusBuilder builder =
                Lotus.builder().depth(Path.of(arguments[0])).backend("cpu").threads(2);
        if (arguments.length > 3) {
            builder.packedWeightsCache(Path.of(arguments[3]));
        }
        long start = System.nanoTime();
        try (Lotus lotus = builder.build()) {
            report("load s", seconds(start));
            report("weights MB", lotus.weightBytes() / 1e6);
            PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);
            long prediction = lotus.predictionBytes(side, side, options);
            report("prediction MB", prediction / 1e6);
            report("planned MB", (lotus.weightBytes() + prediction) / 1e6);
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                start = System.nanoTime();
                DepthMap depth = lotus.predictDepth(image, options);
                report("prediction " + i + " s", seconds(start));
                report("depth at 0, 0", depth.at(0, 0));
            }
        }
        report("resident MB", largestResident("self").orElseThrow());
    }

    /**
     * The most memory that a process has held at a time, mapped files included, in megabytes; nothing where the system does not
     * tell.
     *
     * @param process its number, or {@code self}
     */
    public static OptionalDouble largestResident(String process) throws IOException {
        Path status = Path.of("/proc", process, "status");
        if (Files.exists(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    return OptionalDouble.of(Double.parseDouble(line.replaceAll("\\D", "")) * 1024 / 1e6);
                }
            }
        }
        return OptionalDouble.empty();
    }

    /**
     * What {@link #main} prints, from a fresh process with the settings that README.md advises.
     *
     * @param arguments of {@link #main}
     */
    public static Map<String, Double> inProcess(Object... arguments) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = java(Objects.requireNonNull(classPath), FullSizeRun.class);
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Double> figures = new HashMap<>();
        try (BufferedReader lines = process.inputReader()) {
            lines.lines().filter(line -> line.contains(" = ")).forEach(line -> {
                String[] parts = line.split(" = ", 2);
                figures.put(parts[0], Double.valueOf(parts[1]));
            });
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException("exit code " + process.exitValue());
        }
        return figures;
    }

    /** A command that runs a class with the settings that README.md advises; arguments may be added. */
    public static List<String> java(String classPath, Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ADVISED);
        command.addAll(VECTOR_API);
        command.addAll(List.of("-cp", classPath, main.getName()));
        return command;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void report(String what, double value) {
        System.out.printf(Locale.ROOT, "%s = %.3f%n", what, value);
    }
}
