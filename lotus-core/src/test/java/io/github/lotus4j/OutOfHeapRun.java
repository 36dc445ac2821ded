package io.github.lotus4j;

import io.github.lotus4j.error.InsufficientMemoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Takes the whole heap in the middle of predictions, at moments throughout; prints how many ended in an error, and were then repeated. */
final class OutOfHeapRun {
    private static final RgbImage IMAGE = NoiseImage.of(48, 32, 1);
    private static @Nullable List<byte[]> taken;

    private OutOfHeapRun() {}

    /** @param arguments the checkpoint's folder */
    public static void main(String[] arguments) {
        PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);
        try (Lotus lotus = Lotus.builder()
                .depth(Path.of(arguments[0]))
                .backend("cpu")
                .threads(2)
                .build()) {
            AtomicInteger moments = new AtomicInteger();
            float[] expected = lotus.predictDepth(IMAGE, options.withProgress(_ -> moments.incrementAndGet()))
                    .toArray();
            int failed = 0;
            for (int moment = 1; moment <= moments.get(); moment += Math.max(1, moments.get() / 8)) {
                AtomicInteger left = new AtomicInteger(moment);
                PredictionOptions hungry = options.withProgress(_ -> {
                    if (left.decrementAndGet() == 0) {
                        taken = takeAll();
                    }
                });
                try {
                    lotus.predictDepth(IMAGE, hungry);
                } catch (InsufficientMemoryException
                        | OutOfMemoryError _) { // the latter where there is no room for the former
                    taken = null;
                    failed++;
                }
                taken = null;
                if (!Arrays.equals(lotus.predictDepth(IMAGE, options).toArray(), expected)) {
                    throw new AssertionError("another result after moment " + moment);
                }
            }
            System.out.println("failed and went on: " + failed);
        }
    }

    private static List<byte[]> takeAll() {
        List<byte[]> all = new ArrayList<>(1 << 16); // which does not grow when there is nothing left
        for (int size = 1 << 20; size >= 16; size /= 2) {
            try {
                while (all.size() < 1 << 16) {
                    all.add(new byte[size]);
                }
            } catch (OutOfMemoryError _) {
                // smaller pieces may still fit
            }
        }
        return all;
    }
}
