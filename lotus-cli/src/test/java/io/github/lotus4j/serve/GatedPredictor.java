package io.github.lotus4j.serve;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.PredictionFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Predicts when it is told to, and nothing of interest. The name of the image's file says what goes wrong. */
final class GatedPredictor implements Predictor {
    static final int BYTES = 1000;

    /** One for each prediction that has begun. */
    final Semaphore begun = new Semaphore(0);

    /** One for each that may end. */
    final Semaphore mayEnd = new Semaphore(0);

    /** The names of the images that were begun. */
    final Queue<String> seen = new ConcurrentLinkedQueue<>();

    /** One for each that ended by being cancelled. */
    final Semaphore cancelled = new Semaphore(0);

    @Override
    public Prediction predict(RgbImage image, String file, Watch watch) {
        seen.add(file);
        watch.at("encode", 0.25);
        begun.release();
        try {
            while (!mayEnd.tryAcquire(5, TimeUnit.MILLISECONDS)) {
                if (watch.cancelled()) {
                    cancelled.release();
                    throw new CancellationException();
                }
            }
        } catch (InterruptedException e) {
            throw new CancellationException();
        }
        watch.at("decode", 1);
        if (file.equals("refused.png")) {
            throw new LotusException("refused.png: found this, expected that");
        }
        if (file.equals("broken.png")) {
            throw new IllegalStateException("broken");
        }
        if (file.equals("deep.png")) {
            throw new StackOverflowError("deep");
        }
        List<PredictionFile> files = List.of(
                new PredictionFile("good.npy", out -> out.write(file.getBytes(StandardCharsets.UTF_8))),
                new PredictionFile("a b*ü.html", out -> out.write('<')),
                new PredictionFile("early.glb", out -> {
                    throw new LotusException("no points");
                }),
                new PredictionFile("late.obj", out -> {
                    out.write(new byte[1_000_000]);
                    throw new IOException("midway");
                }));
        return new Prediction(file, "depth", files, BYTES);
    }

    @Override
    public Map<String, Object> about() {
        return Map.of("normals", false, "note", "gated");
    }
}
