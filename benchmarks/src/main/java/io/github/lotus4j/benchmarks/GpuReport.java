package io.github.lotus4j.benchmarks;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Checks the CUDA backend at full size against recorded runs, then measures whole predictions through the public API. For {@code
 * scripts/gpu/run}. The system property {@code lotus.gpu.backend} names another backend than {@code cuda}, or its options.
 */
public final class GpuReport {
    private static final String BACKEND = System.getProperty("lotus.gpu.backend", "cuda");
    private static final List<String> GOLDENS =
            List.of("full-d-f16-96x128", "full-d-f16-odd-71x90", "full-g-f16-64x64-seed42", "full-d-f16-512x512");
    private static final int[] SIDES = {512, 768};
    private static final int WARMUP = 5;
    private static final int RUNS = 20;

    private GpuReport() {}

    /** @param arguments {@code weights FOLDER}, {@code measure FOLDER REPORT}, or, for profilers, {@code predict FOLDER SIDE} */
    public static void main(String[] arguments) throws IOException {
        Path work = Path.of(arguments[1]);
        if (arguments[0].equals("weights")) {
            for (Mode mode : Mode.values()) {
                SyntheticCheckpoint.write(
                        Files.createDirectories(checkpoint(work, mode)), Architecture.FULL, mode, 0, DType.F16);
            }
            return;
        }
        if (arguments[0].equals("predict")) {
            predict(work, Integer.parseInt(arguments[2]));
            return;
        }
        String report = parity(work) + times(work);
        Files.writeString(Path.of(arguments[2]), report);
        System.out.print(report);
    }

    private static Path checkpoint(Path work, Mode mode) {
        return work.resolve("lotus-depth-" + mode.name().toLowerCase(Locale.ROOT));
    }

    private static String parity(Path work) throws IOException {
        StringBuilder table = new StringBuilder("""
                | against the reference | stage | largest difference | mean | |
                |---|---|---|---|---|
                """);
        Path folder = Files.createTempDirectory("lotus-gpu");
        try (Backend backend = Backends.open(BACKEND, new BackendSettings(1, false))) {
            table.insert(0, backend.description() + "\n\n");
            for (String name : GOLDENS) {
                Path golden = Golden.copy(name, folder);
                Mode mode = name.startsWith("full-g") ? Mode.G : Mode.D;
                for (GoldenRun.Stage stage : GoldenRun.compare(golden, checkpoint(work, mode), backend)) {
                    table.append(String.format(
                            Locale.ROOT,
                            "| %s | %s | %.1e | %.1e | %s |%n",
                            name,
                            stage.name(),
                            stage.found().maxAbs(),
                            stage.found().meanAbs(),
                            stage.passes() ? "" : "DIFFERS"));
                }
                Files.delete(golden);
            }
        } finally {
            Files.delete(folder);
        }
        return table.append('\n').toString();
    }

    private static void predict(Path work, int side) {
        try (Lotus lotus =
                Lotus.builder().depth(checkpoint(work, Mode.D)).backend(BACKEND).build()) {
            for (int i = 0; i < 3; i++) { // the first plans, the second may record
                lotus.predictDepth(Model.noise(side), PredictionOptions.DEFAULT.withProcessingResolution(0));
            }
        }
    }

    private static String times(Path work) {
        StringBuilder table = new StringBuilder("| Lotus for Java, float16 | load, s | first, ms | median of " + RUNS
                + ", ms | weights, MB | prediction, MB |\n|---|---|---|---|---|---|\n");
        for (int side : SIDES) {
            RgbImage image = Model.noise(side);
            PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);
            long start = System.nanoTime();
            try (Lotus lotus = Lotus.builder()
                    .depth(checkpoint(work, Mode.D))
                    .backend(BACKEND)
                    .build()) {
                double load = milliseconds(start) / 1e3;
                double[] times = new double[1 + WARMUP + RUNS];
                for (int i = 0; i < times.length; i++) {
                    start = System.nanoTime();
                    lotus.predictDepth(image, options);
                    times[i] = milliseconds(start);
                }
                double[] measured = Arrays.copyOfRange(times, 1 + WARMUP, times.length);
                Arrays.sort(measured);
                table.append(String.format(
                        Locale.ROOT,
                        "| %d×%d | %.1f | %.0f | %.1f | %.0f | %.0f |%n",
                        side,
                        side,
                        load,
                        times[0],
                        (measured[(RUNS - 1) / 2] + measured[RUNS / 2]) / 2,
                        lotus.weightBytes() / 1e6,
                        lotus.predictionBytes(side, side, options) / 1e6));
            }
        }
        return table.append('\n').toString();
    }

    private static double milliseconds(long since) {
        return (System.nanoTime() - since) / 1e6;
    }
}
