package io.github.lotus4j.benchmarks;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures what two predictions at once take, in turn with the same two one after the other, how evenly they advance, and how long
 * a prediction goes on after it was cancelled. Runs in the repository's root.
 */
public final class Concurrency {
    private final Lotus lotus;
    private final RgbImage image;
    private final PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);

    private Concurrency(Lotus lotus, int side) {
        this.lotus = lotus;
        image = Model.noise(side);
    }

    /** @param arguments side in pixels, rounds, cancellations, and a checkpoint's folder, if not the synthetic one's */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 3 || arguments.length > 4) {
            throw new IllegalArgumentException("found " + Arrays.toString(arguments)
                    + ", expected side, rounds, cancellations and, if not the synthetic one, a checkpoint's folder");
        }
        int side = Integer.parseInt(arguments[0]);
        try (Lotus lotus =
                        Lotus.builder().depth(folder(arguments)).backend("cpu").build();
                ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Concurrency measured = new Concurrency(lotus, side);
            measured.throughput(Integer.parseInt(arguments[1]), callers);
            measured.cancellation(Integer.parseInt(arguments[2]), callers);
        }
    }

    private static Path folder(String[] arguments) throws IOException {
        return arguments.length == 4 ? Path.of(arguments[3]) : Model.SD2.folder();
    }

    private double predict() {
        long start = System.nanoTime();
        lotus.predictDepth(image, options);
        return milliseconds(start, System.nanoTime());
    }

    private static double milliseconds(long start, long end) {
        return (end - start) / 1e6;
    }

    private void throughput(int rounds, ExecutorService callers) throws InterruptedException, ExecutionException {
        List<Double> ratios = new ArrayList<>();
        List<Callable<Double>> both = List.of(this::predict, this::predict);
        callers.invokeAll(both); // compiles, and takes the memory of two
        for (int round = 0; round < rounds; round++) {
            double sequential = predict() + predict();
            long start = System.nanoTime();
            List<Future<Double>> pair = callers.invokeAll(both);
            double together = milliseconds(start, System.nanoTime());
            double first = pair.getFirst().get();
            double second = pair.getLast().get();
            ratios.add(sequential / together);
            System.out.printf(
                    Locale.ROOT,
                    "two in turn %.0f ms, at once %.0f ms (one %.0f, the other %.0f): throughput × %.3f%n",
                    sequential,
                    together,
                    first,
                    second,
                    sequential / together);
        }
        ratios.sort(null);
        System.out.printf(Locale.ROOT, "median × %.3f%n", ratios.get(ratios.size() / 2));
    }

    private void cancellation(int count, ExecutorService callers) throws InterruptedException, ExecutionException {
        Random random = new Random(1);
        double whole = predict();
        double[] answers = new double[count];
        for (int i = 0; i < count; i++) {
            AtomicBoolean cancelled = new AtomicBoolean();
            Future<Long> ended = callers.submit(() -> ended(options.withCancellation(cancelled::get)));
            Thread.sleep((long) (random.nextDouble() * whole));
            long now = System.nanoTime();
            cancelled.set(true);
            answers[i] = Math.max(0, milliseconds(now, ended.get())); // what had ended by then answered at once
        }
        Arrays.sort(answers);
        System.out.printf(
                Locale.ROOT,
                "%d cancellations over %.0f ms, answered after: median %.1f ms, 90 %% %.1f ms, longest %.1f ms%n",
                count,
                whole,
                answers[count / 2],
                answers[count * 9 / 10],
                answers[count - 1]);
    }

    private long ended(PredictionOptions cancellable) {
        try {
            lotus.predictDepth(image, cancellable);
        } catch (CancellationException _) {
            return System.nanoTime();
        }
        return System.nanoTime();
    }
}
