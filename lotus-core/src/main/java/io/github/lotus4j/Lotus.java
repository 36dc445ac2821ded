package io.github.lotus4j;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.hub.HubCache;
import io.github.lotus4j.image.ImageException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.pipeline.LatentAverage;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Pipeline;
import io.github.lotus4j.pipeline.Plans;
import io.github.lotus4j.pipeline.Settings;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Depth and surface normals from one image, with the Lotus checkpoints. He et al. 2024, arXiv 2409.18124.
 *
 * <p>Every prediction throws
 *
 * <ul>
 *   <li>{@link LotusException} if no checkpoint for it is loaded, or the options or the image's size do not fit it;
 *   <li>{@link io.github.lotus4j.error.ClosedException} if this is closed;
 *   <li>{@link io.github.lotus4j.weights.CheckpointException} if the result is not finite, as of damaged weights;
 *   <li>{@link ImageException} if an image file cannot be read;
 *   <li>{@link InsufficientMemoryException} if the prediction does not fit into memory: before any work where it could not, and
 *       later where other objects leave it too little of the heap;
 *   <li>{@link java.util.concurrent.CancellationException} if it was cancelled, or the calling thread interrupted.
 * </ul>
 *
 * <p>Thread-safe: predictions may run at the same time; they share the threads, and each has memory of its own, which is kept
 * for later ones: limit how many callers predict at once, by memory and by how long each may take. {@link #close()} waits for them.
 * Where the caller is a virtual thread, a platform thread predicts, and calls the listeners, while it waits: computing itself, it
 * would keep other virtual threads from running. Listeners must then not wait for locks that the caller holds. Reading images and
 * writing files is done by the caller itself, and does keep others from running.
 */
public final class Lotus implements AutoCloseable {
    private static final int DEFAULT_RESOLUTION = 768;

    private final Backend backend;
    private final Plans plans;
    private final @Nullable LoadedCheckpoint depth;
    private final DepthKind depthKind;
    private final @Nullable LoadedCheckpoint normal;
    private final OpenUses uses = new OpenUses("this Lotus");

    Lotus(Backend backend, @Nullable LoadedCheckpoint depth, DepthKind depthKind, @Nullable LoadedCheckpoint normal) {
        this.backend = backend;
        plans = new Plans(backend);
        this.depth = depth;
        this.depthKind = depthKind;
        this.normal = normal;
    }

    /** Loads one checkpoint; its folder's name says what it predicts, as the published ones' do. */
    public static Lotus load(Path checkpoint) {
        Objects.requireNonNull(checkpoint, "checkpoint");
        return builder().checkpoint(checkpoint).build();
    }

    /**
     * Loads one checkpoint that lies in the Hugging Face hub's cache on this machine, where {@code lotus fetch NAME}, Python or
     * {@link io.github.lotus4j.hub.Hub} put it. Nothing is downloaded.
     *
     * @param name as {@link io.github.lotus4j.hub.HubReference#of} has it, such as {@code lotus-depth-d-v2-0-disparity}, or a path
     *     that exists
     * @throws LotusException if it is not there; the message says how to fetch it
     */
    public static Lotus load(String name) {
        Objects.requireNonNull(name, "name");
        return load(HubCache.fromEnvironment().locate(name));
    }

    /** The two embedded miniatures: for trying things out, not for photographs. Needs lotus-nano on the class path. */
    public static Lotus nano() {
        return builder().nano().build();
    }

    public static LotusBuilder builder() {
        return new LotusBuilder();
    }

    /** This library's version, such as {@code 1.2.3}. */
    public static String version() {
        return Release.VERSION;
    }

    public DepthMap predictDepth(RgbImage image) {
        return predictDepth(image, PredictionOptions.DEFAULT);
    }

    public DepthMap predictDepth(BufferedImage image) {
        return predictDepth(RgbImage.of(image));
    }

    public DepthMap predictDepth(Path image) {
        Objects.requireNonNull(image, "image");
        return predictDepth(RgbImage.read(image));
    }

    /** Depth or disparity, as the checkpoint has it. */
    public DepthMap predictDepth(RgbImage image, PredictionOptions options) {
        return predictDepth(one(image), options).getFirst();
    }

    /** Depth or disparity of a batch of images of one size; Lotus-G's noise is drawn for the batch as a whole. */
    public List<DepthMap> predictDepth(List<RgbImage> images, PredictionOptions options) {
        return depthMaps(
                predict(List.of(required(depth, "depth")), images, options).getFirst());
    }

    public NormalMap predictNormal(RgbImage image) {
        return predictNormal(image, PredictionOptions.DEFAULT);
    }

    public NormalMap predictNormal(BufferedImage image) {
        return predictNormal(RgbImage.of(image));
    }

    public NormalMap predictNormal(Path image) {
        Objects.requireNonNull(image, "image");
        return predictNormal(RgbImage.read(image));
    }

    /** Surface normals. */
    public NormalMap predictNormal(RgbImage image, PredictionOptions options) {
        return predictNormal(one(image), options).getFirst();
    }

    /** Surface normals of a batch of images of one size; Lotus-G's noise is drawn for the batch as a whole. */
    public List<NormalMap> predictNormal(List<RgbImage> images, PredictionOptions options) {
        return normalMaps(
                predict(List.of(required(normal, "normal")), images, options).getFirst());
    }

    public Geometry predictGeometry(RgbImage image) {
        return predictGeometry(image, PredictionOptions.DEFAULT);
    }

    public Geometry predictGeometry(BufferedImage image) {
        return predictGeometry(RgbImage.of(image));
    }

    public Geometry predictGeometry(Path image) {
        Objects.requireNonNull(image, "image");
        return predictGeometry(RgbImage.read(image));
    }

    /** Depth and normals of one image, which is encoded once where both checkpoints have the same VAE, as the published do. */
    public Geometry predictGeometry(RgbImage image, PredictionOptions options) {
        return geometry(predict(both(), one(image), options));
    }

    /** For depth or disparity of the frames of a video, one after another. */
    public FrameSequence<DepthMap> depthSequence(PredictionOptions options, TemporalSmoothing smoothing) {
        return sequence(
                List.of(required(depth, "depth")),
                options,
                smoothing,
                answers -> depthMaps(answers.getFirst()).getFirst());
    }

    /** For surface normals of the frames of a video. */
    public FrameSequence<NormalMap> normalSequence(PredictionOptions options, TemporalSmoothing smoothing) {
        return sequence(
                List.of(required(normal, "normal")),
                options,
                smoothing,
                answers -> normalMaps(answers.getFirst()).getFirst());
    }

    /** For both, as {@link #predictGeometry(RgbImage, PredictionOptions)} has them. */
    public FrameSequence<Geometry> geometrySequence(PredictionOptions options, TemporalSmoothing smoothing) {
        return sequence(both(), options, smoothing, this::geometry);
    }

    private <T> FrameSequence<T> sequence(
            List<LoadedCheckpoint> checkpoints,
            PredictionOptions options,
            TemporalSmoothing smoothing,
            Function<List<List<Answer>>, T> result) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(smoothing, "smoothing");
        checkpoints.forEach(each -> settings(each, options));
        return new FrameSequence<>(this, checkpoints, options, smoothing, result);
    }

    /** Whether depth and normals are computed from one encoding of the image, with one VAE in memory. */
    public boolean sharesVae() {
        return depth != null && normal != null && depth.pipeline().sharesVae(normal.pipeline());
    }

    /** What computes predictions, in a line: the device, and on the CPU how many threads and which vectors; as logged on loading. */
    public String backend() {
        return backend.description();
    }

    /** Bytes of weights held. */
    public long weightBytes() {
        return (depth == null ? 0 : depth.weightBytes()) + (normal == null ? 0 : normal.weightBytes());
    }

    /**
     * Bytes that a prediction takes at its peak, on top of the weights; of two checkpoints, {@link #predictGeometry}, which takes the
     * most. On the CPU, these and {@link #weightBytes()} are what the process takes, but for Java itself, about 200 MB, and for
     * garbage: little with {@code -XX:+UseSerialGC}, and hundreds of megabytes with Java's usual collector.
     *
     * @param width of the image, in pixels
     * @param height of the image, in pixels
     * @throws LotusException if this is closed, a side is not positive, or the options do not fit the checkpoint
     */
    public long predictionBytes(int width, int height, PredictionOptions options) {
        return plan(width, height, options).bytes();
    }

    /**
     * What a prediction takes by all that is loaded: {@link #predictGeometry} of two checkpoints, else {@link #predictDepth} or {@link
     * #predictNormal}. Nothing is computed. Where two checkpoints have different resolutions of their own, the size is the depth's.
     *
     * @param width of the image, in pixels
     * @param height of the image, in pixels
     * @throws LotusException as {@link #predictionBytes}
     */
    public PredictionPlan plan(int width, int height, PredictionOptions options) {
        Objects.requireNonNull(options, "options");
        List<LoadedCheckpoint> loaded =
                Stream.of(depth, normal).filter(Objects::nonNull).toList();
        return plan(runs(loaded, options), width, height, options, 1);
    }

    /** Of runs one after the other. */
    PredictionPlan plan(
            List<List<LoadedCheckpoint>> runs, int width, int height, PredictionOptions options, double weight) {
        try (OpenUses.Use _ = uses.begin()) {
            if (width < 1 || height < 1) {
                throw new LotusException("image: found %d×%d pixels, expected at least 1×1".formatted(width, height));
            }
            if ((long) width * height > Integer.MAX_VALUE) {
                throw new LotusException("image: found %d×%d pixels, expected at most %d in all"
                        .formatted(width, height, Integer.MAX_VALUE));
            }
            Shape image = new Shape(1, height, width, 3);
            Shape size = Pipeline.processingShape(
                    image, settings(runs.getFirst().getFirst(), options).processingResolution());
            long largest = 0;
            long work = 0;
            for (List<LoadedCheckpoint> together : runs) {
                Settings settings = settings(together.getFirst(), options).withLatentWeight(weight);
                Pipeline.Plan plan = plans.of(PlannedRun.pipelines(together), image, settings);
                largest = Math.max(largest, plan.bytes() + plan.hostBytes());
                work += plan.work();
            }
            return new PredictionPlan(size.w(), size.h(), largest, work);
        }
    }

    private List<LoadedCheckpoint> both() {
        return List.of(required(depth, "depth"), required(normal, "normal"));
    }

    private Geometry geometry(List<List<Answer>> answers) {
        return new Geometry(
                depthMaps(answers.getFirst()).getFirst(),
                normalMaps(answers.getLast()).getFirst());
    }

    private List<DepthMap> depthMaps(List<Answer> answers) {
        return answers.stream()
                .map(each -> new DepthMap(
                        each.width(), each.height(), each.values(), depthKind, each.spread(), each.provenance()))
                .toList();
    }

    private static List<NormalMap> normalMaps(List<Answer> answers) {
        return answers.stream()
                .map(each ->
                        new NormalMap(each.width(), each.height(), each.values(), each.spread(), each.provenance()))
                .toList();
    }

    private static LoadedCheckpoint required(@Nullable LoadedCheckpoint checkpoint, String what) {
        if (checkpoint == null) {
            throw new LotusException(
                    "no " + what + " checkpoint is loaded; name one with Lotus.builder()." + what + "(folder)");
        }
        return checkpoint;
    }

    /** Images by themselves. */
    private List<List<Answer>> predict(
            List<LoadedCheckpoint> checkpoints, List<RgbImage> images, PredictionOptions options) {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(options, "options");
        return PlatformThread.call(() -> predict(checkpoints, images, options, 1, new LatentAverage()));
    }

    /**
     * @param weight of the images beside the earlier ones of the average
     * @return for each checkpoint, its answer for each image
     */
    List<List<Answer>> predict(
            List<LoadedCheckpoint> checkpoints,
            List<RgbImage> images,
            PredictionOptions options,
            double weight,
            LatentAverage average) {
        try (OpenUses.Use _ = uses.begin()) {
            ImageBatch batch = ImageBatch.of(images);
            List<PlannedRun> runs = new ArrayList<>();
            for (List<LoadedCheckpoint> together : runs(checkpoints, options)) {
                Settings settings = settings(together.getFirst(), options).withLatentWeight(weight);
                runs.add(PlannedRun.of(together, batch.shape(), settings, plans, backend));
            }
            long work = runs.stream().mapToLong(run -> run.plan().work()).sum();
            long done = 0;
            byte[] pixels = batch.pixels();
            List<List<Answer>> answers = new ArrayList<>();
            for (PlannedRun run : runs) {
                answers.addAll(run.predict(pixels, average, new ObservedRun(options, done, work), backend));
                done += run.plan().work();
            }
            return answers;
        }
    }

    /** Checkpoints that one encoding of the image serves run together. */
    static List<List<LoadedCheckpoint>> runs(List<LoadedCheckpoint> checkpoints, PredictionOptions options) {
        LoadedCheckpoint first = checkpoints.getFirst();
        boolean together = checkpoints.stream()
                .allMatch(each -> each.pipeline().sharesVae(first.pipeline())
                        && settings(each, options).equals(settings(first, options)));
        return together
                ? List.of(checkpoints)
                : checkpoints.stream().map(List::of).toList();
    }

    private static Settings settings(LoadedCheckpoint checkpoint, PredictionOptions options) {
        if (options.steps() > 1 && !checkpoint.pipeline().generative()) {
            throw new LotusException("steps: found " + options.steps() + ", and a Lotus-D checkpoint has exactly one");
        }
        if (options.ensemble() > 1 && !checkpoint.pipeline().generative()) {
            throw new LotusException(
                    "ensemble: found " + options.ensemble() + " predictions, and those of a Lotus-D checkpoint"
                            + " do not differ; take 1, or a Lotus-G checkpoint, such as lotus-depth-g-v2-1-disparity or"
                            + " lotus-normal-g-v1-1");
        }
        return options.settings(checkpoint.defaultProcessingResolution().orElse(DEFAULT_RESOLUTION));
    }

    private static List<RgbImage> one(RgbImage image) {
        return List.of(Objects.requireNonNull(image, "image"));
    }

    /**
     * Refuses what is asked for from now on, waits for running predictions, also where the calling thread is interrupted, then frees
     * everything. Closing again waits for that and does nothing.
     *
     * @throws LotusException if a prediction's own progress listener asks for it
     */
    @Override
    public void close() {
        uses.close(this::free);
    }

    private void free() {
        try {
            if (normal != null) {
                normal.close(); // before depth, whose VAE it may use
            }
        } finally {
            try {
                if (depth != null) {
                    depth.close();
                }
            } finally {
                backend.close();
            }
        }
    }
}
