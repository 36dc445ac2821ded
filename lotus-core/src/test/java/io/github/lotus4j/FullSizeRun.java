package io.github.lotus4j;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** Loads a checkpoint and predicts once, in a process of its own; prints seconds and the largest resident memory. */
public final class FullSizeRun {
    private FullSizeRun() {}

    /** @param arguments the checkpoint's folder, and the side of a square image in pixels */
    public static void main(String[] arguments) throws IOException {
        int side = Integer.parseInt(arguments[1]);
        RgbImage image = NoiseImage.of(side, side, 1);
        long start = System.nanoTime();
        try (Lotus lotus = Lotus.builder()
                .depth(Path.of(arguments[0]))
                .backend("cpu")
                .threads(2)
                .build()) {
            report("load s", seconds(start));
            report("weights MB", lotus.weightBytes() / 1e6);
            PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);
            long prediction = lotus.predictionBytes(side, side, options);
            report("prediction MB", prediction / 1e6);
            report("planned MB", (lotus.weightBytes() + prediction) / 1e6);
            start = System.nanoTime();
            DepthMap depth = lotus.predictDepth(image, options);
            report("predict s", seconds(start));
            report("depth at 0, 0", depth.at(0, 0));
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

    /** What {@link #main} prints, from a fresh process. */
    public static Map<String, Double> inProcess(Path checkpoint, int side) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC", // as README.md advises
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        Objects.requireNonNull(classPath),
                        FullSizeRun.class.getName(),
                        checkpoint.toString(),
                        Integer.toString(side))
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

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void report(String what, double value) {
        System.out.printf(Locale.ROOT, "%s = %.3f%n", what, value);
    }
}
