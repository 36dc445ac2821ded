package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Pipeline;
import io.github.lotus4j.pipeline.Settings;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Depth and surface normals from one image, with the Lotus checkpoints. He et al. 2024, arXiv 2409.18124.
 *
 * <p>Thread-safe: predictions may run at the same time, each with memory of its own. {@link #close()} waits for them.
 */
public final class Lotus implements AutoCloseable {
    private static final int DEFAULT_RESOLUTION = 768;

    private final Backend backend;
    private final @Nullable LoadedCheckpoint depth;
    private final DepthKind depthKind;
    private final @Nullable LoadedCheckpoint normal;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    Lotus(Backend backend, @Nullable LoadedCheckpoint depth, DepthKind depthKind, @Nullable LoadedCheckpoint normal) {
        this.backend = backend;
        this.depth = depth;
        this.depthKind = depthKind;
        this.normal = normal;
    }

    /** Loads one checkpoint; its folder's name says what it predicts, as the published ones' do. */
    public static Lotus load(Path checkpoint) {
        return builder().checkpoint(checkpoint).build();
    }

    /** The two embedded miniatures: for trying things out, not for photographs. Needs lotus-nano on the class path. */
    public static Lotus nano() {
        return builder().nano().build();
    }

    public static LotusBuilder builder() {
        return new LotusBuilder();
    }

    public DepthMap predictDepth(RgbImage image) {
        return predictDepth(image, PredictionOptions.DEFAULT);
    }

    public DepthMap predictDepth(BufferedImage image) {
        return predictDepth(RgbImage.of(image));
    }

    public DepthMap predictDepth(Path image) {
        return predictDepth(RgbImage.read(image));
    }

    /**
     * Depth or disparity, as the checkpoint has it.
     *
     * @throws LotusException if no depth checkpoint is loaded, or this is closed
     */
    public DepthMap predictDepth(RgbImage image, PredictionOptions options) {
        Prediction prediction = predict(depth, "depth", image, options);
        float[] values = new float[prediction.channels.length / 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (prediction.channels[3 * i] + prediction.channels[3 * i + 1] + prediction.channels[3 * i + 2]) / 3;
        }
        return new DepthMap(prediction.size.w(), prediction.size.h(), values, depthKind);
    }

    public NormalMap predictNormal(RgbImage image) {
        return predictNormal(image, PredictionOptions.DEFAULT);
    }

    public NormalMap predictNormal(BufferedImage image) {
        return predictNormal(RgbImage.of(image));
    }

    public NormalMap predictNormal(Path image) {
        return predictNormal(RgbImage.read(image));
    }

    /**
     * Surface normals.
     *
     * @throws LotusException if no normal checkpoint is loaded, or this is closed
     */
    public NormalMap predictNormal(RgbImage image, PredictionOptions options) {
        Prediction prediction = predict(normal, "normal", image, options);
        return new NormalMap(prediction.size.w(), prediction.size.h(), prediction.channels);
    }

    public Geometry predictGeometry(RgbImage image) {
        return predictGeometry(image, PredictionOptions.DEFAULT);
    }

    /** Depth and normals of one image. */
    public Geometry predictGeometry(RgbImage image, PredictionOptions options) {
        return new Geometry(predictDepth(image, options), predictNormal(image, options));
    }

    private record Prediction(float[] channels, Shape size) {}

    private Prediction predict(@Nullable LoadedCheckpoint checkpoint, String what, RgbImage image, PredictionOptions options) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new LotusException("this Lotus is closed");
            }
            if (checkpoint == null) {
                throw new LotusException("no " + what + " checkpoint is loaded; name one with Lotus.builder()." + what + "(folder)");
            }
            Pipeline pipeline = checkpoint.pipeline();
            if (options.steps() > 1 && !pipeline.denoiser().generative()) {
                throw new LotusException("steps: found " + options.steps() + ", and a Lotus-D checkpoint has exactly one");
            }
            Settings settings = options.settings(checkpoint.defaultProcessingResolution().orElse(DEFAULT_RESOLUTION));
            Shape shape = new Shape(1, image.height(), image.width(), 3);
            try (Ops ops = backend.open(RunListener.NONE)) {
                return new Prediction(pipeline.predict(image.toFloats(), shape, settings, ops), pipeline.resultShape(shape, settings));
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for running predictions, then frees everything. Closing again does nothing. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (depth != null) {
                    depth.close();
                }
                if (normal != null) {
                    normal.close();
                }
                backend.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
