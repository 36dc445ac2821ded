package io.github.lotus4j.benchmarks;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NoiseImage;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.TemporalSmoothing;
import io.github.lotus4j.error.LotusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Many callers of one model for a long time, as in a service. Each result is compared, bit by bit, with what the same request gave
 * when it was alone; some requests are cancelled, some ask for too much. Latencies, and what the process holds, are reported. Ends
 * with an error where a request did not end as it should. Callers are virtual threads.
 */
public final class Soak {
    private static final int SAMPLES = 13;
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    /** One kind of request, how it ended when it was alone, and how often it is made beside the others. */
    private record Request(int weight, Supplier<List<float[]>> call, Outcome expected, Latencies latencies) {}

    /** Maps, or why there are none. */
    private record Outcome(List<float[]> maps, String refusal) {
        static Outcome of(Supplier<List<float[]>> call) {
            try {
                return new Outcome(call.get(), "");
            } catch (LotusException e) {
                return new Outcome(List.of(), e.toString());
            }
        }

        boolean same(Outcome other) {
            return refusal.equals(other.refusal)
                    && Arrays.deepEquals(maps.toArray(), other.maps().toArray());
        }
    }

    private final Lotus lotus;
    private final int side;
    private final List<Request> requests = new ArrayList<>();
    private final Latencies cancellations = new Latencies("cancelled, from then on");
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private Soak(Lotus lotus, int side) {
        this.lotus = lotus;
        this.side = side;
        RgbImage square = Model.noise(side);
        RgbImage wide = NoiseImage.of(side, side * 3 / 4, 2);
        RgbImage small = NoiseImage.of(side / 2, side / 2, 3);
        add("one size", 4, () -> depth(square, NATIVE));
        add("another", 4, () -> depth(wide, NATIVE));
        add("a quarter of the first", 8, () -> depth(small, NATIVE));
        add("ensemble of 3, a quarter", 1, () -> depth(small, NATIVE.withEnsemble(3)));
        add("in tiles", 1, () -> depth(wide, NATIVE.withVaeTile(side / 2)));
        add("sequence of 3", 1, () -> sequence(List.of(square, square, NoiseImage.of(side, side, 4))));
        add("too large", 1, () -> depth(small, PredictionOptions.DEFAULT.withProcessingResolution(1 << 16)));
    }

    /** @param arguments a checkpoint's folder, backend, side of the largest image in pixels, callers, seconds, report */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 6) {
            throw new IllegalArgumentException("found " + Arrays.toString(arguments)
                    + ", expected a checkpoint's folder, a backend, a side in pixels, callers, seconds and a report");
        }
        int callers = Integer.parseInt(arguments[3]);
        int seconds = Integer.parseInt(arguments[4]);
        try (Lotus lotus = Lotus.builder()
                .depth(Path.of(arguments[0]))
                .backend(arguments[1])
                .build()) {
            Soak soak = new Soak(lotus, Integer.parseInt(arguments[2]));
            String samples = soak.run(callers, seconds);
            String report = "%s, %d callers, %d s, largest image %d×%d%n%n%s%n%s%n"
                    .formatted(lotus.backend(), callers, seconds, soak.side, soak.side, soak.latencies(), samples);
            Files.writeString(Path.of(arguments[5]), report);
            System.out.print(report);
            if (!soak.failures.isEmpty()) {
                throw new IllegalStateException(
                        soak.failures.size() + " requests ended wrongly, the first: " + soak.failures.peek());
            }
        }
    }

    private void add(String name, int weight, Supplier<List<float[]>> call) {
        Outcome alone = Outcome.of(call);
        requests.add(
                new Request(weight, call, alone, new Latencies(alone.refusal().isEmpty() ? name : name + ", refused")));
    }

    private List<float[]> depth(RgbImage image, PredictionOptions options) {
        return List.of(lotus.predictDepth(image, options).toArray());
    }

    private List<float[]> sequence(List<RgbImage> images) {
        FrameSequence<DepthMap> frames = lotus.depthSequence(NATIVE, TemporalSmoothing.DEFAULT.withCut(1));
        return images.stream().map(each -> frames.next(each).toArray()).toList();
    }

    private String run(int callers, int seconds) throws InterruptedException {
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        StringBuilder samples = new StringBuilder(Held.HEAD);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int caller = 0; caller < callers; caller++) {
                Random random = new Random(caller);
                threads.execute(() -> call(random, end));
            }
            for (int i = 0; i < SAMPLES; i++) {
                TimeUnit.NANOSECONDS.sleep(start + (end - start) * i / (SAMPLES - 1) - System.nanoTime());
                samples.append(Held.now((System.nanoTime() - start) / 1e9, ended()));
            }
        }
        return samples.append(Held.now((System.nanoTime() - start) / 1e9, ended()))
                .toString();
    }

    private void call(Random random, long end) {
        int[] lots = IntStream.range(0, requests.size())
                .flatMap(i -> IntStream.generate(() -> i).limit(requests.get(i).weight()))
                .toArray();
        while (System.nanoTime() < end) {
            Request request = requests.get(lots[random.nextInt(lots.length)]);
            try {
                if (random.nextInt(16) == 0) {
                    cancel(random.nextDouble() * request.latencies().median());
                } else {
                    long start = System.nanoTime();
                    Outcome found = Outcome.of(request.call());
                    request.latencies().add(System.nanoTime() - start);
                    if (!found.same(request.expected())) {
                        failures.add(request.latencies().name() + ": another result " + found.refusal());
                    }
                }
            } catch (RuntimeException | Error e) {
                failures.add(request.latencies().name() + ": " + e);
            }
        }
    }

    /** Cancels a prediction of the first size after so many milliseconds, if it has not ended by then. */
    private void cancel(double after) {
        long when = System.nanoTime() + (long) (after * 1e6);
        try {
            depth(Model.noise(side), NATIVE.withCancellation(() -> System.nanoTime() >= when));
        } catch (CancellationException _) {
            cancellations.add(System.nanoTime() - when);
        }
    }

    private long ended() {
        return cancellations.count()
                + requests.stream().mapToLong(each -> each.latencies().count()).sum();
    }

    private String latencies() {
        StringBuilder table = new StringBuilder(Latencies.HEAD);
        requests.forEach(each -> table.append(each.latencies()));
        return table.append(cancellations).toString();
    }
}
