package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.pipeline.LatentAverage;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Predictions of the frames of a video or of any other sequence of images, one after another, smoothed as
 * {@link TemporalSmoothing} says. All frames have one size. Lotus-G's noise is the same for all of them, that of the options' seed: other
 * noise would give each another answer, and flicker.
 *
 * <p>Holds the average of latents, 0.15 MB where frames are processed at 768×768, and nothing that has to be closed; after its
 * {@link Lotus} was closed, frames are refused. Thread-safe: frames are predicted in the order in which they come, and a call waits for
 * the one before. Other predictions of the same {@link Lotus} may run at the same time.
 *
 * @param <T> what is predicted of a frame: {@link DepthMap}, {@link NormalMap} or {@link Geometry}
 */
public final class FrameSequence<T> {
    private final Lotus lotus;
    private final List<LoadedCheckpoint> checkpoints;
    private final PredictionOptions options;
    private final TemporalSmoothing smoothing;
    private final Function<List<List<Answer>>, T> result;
    private final LatentAverage average = new LatentAverage();
    private final Semaphore turn = new Semaphore(1, true); // calls in their order
    private volatile @Nullable Thread predicting;
    private int width; // of all frames, once there is one
    private int height;
    private @Nullable FrameCells last;
    private final AtomicInteger frames = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();

    /** @param result of what the checkpoints answer */
    FrameSequence(
            Lotus lotus,
            List<LoadedCheckpoint> checkpoints,
            PredictionOptions options,
            TemporalSmoothing smoothing,
            Function<List<List<Answer>>, T> result) {
        this.lotus = lotus;
        this.checkpoints = checkpoints;
        this.options = options;
        this.smoothing = smoothing;
        this.result = result;
    }

    /**
     * Predicts the next frame. One that fails or is cancelled is as if it had not been: it may be given again, or passed over.
     *
     * @throws LotusException as every prediction of {@link Lotus}, or if the frame is not as large as the first, or this is called by the
     *     progress listener of the frame before
     * @throws CancellationException if it was cancelled, or the calling thread interrupted
     */
    public T next(RgbImage frame) {
        Objects.requireNonNull(frame, "frame");
        if (Thread.currentThread() == predicting) {
            throw new LotusException("next() was called by the progress listener of the frame before");
        }
        try {
            turn.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
        try {
            return PlatformThread.call(() -> predict(frame));
        } finally {
            turn.release();
        }
    }

    private T predict(RgbImage frame) {
        predicting = Thread.currentThread();
        try {
            requireSize(frame);
            FrameCells seen = FrameCells.of(frame);
            boolean cut = smoothing.weight() < 1 && last != null && seen.distance(last) > smoothing.cut();
            average.begin(cut);
            T predicted =
                    result.apply(lotus.predict(checkpoints, List.of(frame), options, smoothing.weight(), average));
            average.keep();
            last = seen;
            width = frame.width();
            height = frame.height();
            frames.incrementAndGet();
            cuts.addAndGet(cut ? 1 : 0);
            return predicted;
        } finally {
            predicting = null;
        }
    }

    private void requireSize(RgbImage frame) {
        if (frames.get() > 0 && (frame.width() != width || frame.height() != height)) {
            throw new LotusException("frame %d of the sequence: found %d×%d pixels, expected %d×%d, as of the first"
                    .formatted(frames.get() + 1, frame.width(), frame.height(), width, height));
        }
    }

    /** How many were predicted. */
    public int frames() {
        return frames.get();
    }

    /**
     * How many of them began anew, since they differ from the one before: see {@link TemporalSmoothing}. None where the weight is 1: there
     * is no average that could begin.
     */
    public int cuts() {
        return cuts.get();
    }

    /**
     * Bytes that a frame's prediction takes at its peak, on top of the weights, with what is kept of the frames before.
     *
     * @param frameWidth in pixels
     * @param frameHeight in pixels
     * @throws LotusException as {@link Lotus#predictionBytes}
     */
    public long predictionBytes(int frameWidth, int frameHeight) {
        return lotus.plan(Lotus.runs(checkpoints, options), frameWidth, frameHeight, options, smoothing.weight())
                .bytes();
    }
}
