package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointName;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What depth, normal and geometry have in common: images in, one prediction after the other, files out. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all images are done", "1:an image or the checkpoint failed", "2:the command line is wrong"})
abstract class Prediction implements Callable<Integer> {
    private static final int FAILED = 1;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private SourceOptions sources;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "lotus-output",
            description = "Where results go, created if needed (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String output;

    @Option(
            names = "--format",
            split = ",",
            paramLabel = "FORMAT",
            defaultValue = "npy,png,preview",
            description =
                    "npy: float32 values; npz: all arrays and what they are in one file; tiff: float32 values as an image; png:"
                            + " depth in 16 bits, normals in colours; preview: depth in colours; ply, glb, obj: the shape as a"
                            + " mesh; html: a page that shows all of it (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Set<Format> formats;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PreviewOptions previews;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ShapeOptions shapes;

    @Option(
            names = "--processing-res",
            paramLabel = "N",
            description = "The longer edge that images are brought to, in pixels; 0 keeps their size"
                    + " (default: the checkpoint's own, or 768).")
    private @Nullable Integer processingResolution;

    @Option(
            names = "--resample",
            paramLabel = "FILTER",
            defaultValue = "bilinear",
            description = "How: bilinear, bicubic or nearest (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Filter resample;

    @Option(names = "--no-match-input", description = "Leave results at the processing size instead of the image's.")
    private boolean noMatchInput;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of Lotus-G's noise, the same as torch's (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1",
            description = "Denoising steps; more than one for Lotus-G only (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--ensemble",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "For Lotus-G: predict N times from one encoding of the image, with the seeds from --seed on, and write what"
                            + " the predictions agree on, and beside it how far they differ: NAME_…_spread (default: ${DEFAULT-VALUE}).")
    private int ensemble;

    @Option(
            names = "--sample-latent-seed",
            paramLabel = "N",
            description = "Draw the image's latent with this seed instead of taking its mean.")
    private @Nullable Long latentSeed;

    @Option(
            names = "--vae-tile",
            paramLabel = "N",
            description =
                    "For large images: have the VAE encode and decode in overlapping tiles of at most N pixels a side,"
                            + " as 512, which takes far less memory and changes results a little (default: no tiles).")
    private @Nullable Integer vaeTile;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

    /** A folder's path; an empty one, as of an unset variable, would be taken for the current folder. */
    Path folder(String option, String path) {
        if (path.isEmpty()) {
            throw usage(option + ": found nothing, expected a folder");
        }
        return Path.of(path);
    }

    /** Where a checkpoint is: a path, or the name of one that was fetched. */
    Path checkpoint(String option, String named) {
        if (named.isEmpty()) {
            throw usage(option + ": found nothing, expected a checkpoint's folder or name");
        }
        return lotus.cache().locate(named);
    }

    /** What {@code --model} stands for. */
    static boolean isNano(String model) {
        return model.equals("nano");
    }

    /** Names the checkpoints; nano is not among them when a folder is. */
    abstract void choose(LotusBuilder builder);

    /** Whether the embedded miniature is used. */
    abstract boolean usesNano();

    /** Whether depth is among what is written. */
    boolean writesDepth() {
        return true;
    }

    /** How shapes are made of what is predicted. */
    ShapeOptions shapes() {
        return shapes;
    }

    /**
     * Predicts.
     *
     * @return what writes the results, on any thread, and gives their files
     */
    abstract Supplier<List<Path>> predict(
            Lotus lotus, RgbImage image, PredictionOptions options, PredictionWriter writer, String name);

    @Override
    public Integer call() {
        PredictionOptions options = options();
        shapes.check(this);
        Path folder = folder("--output", output);
        List<Source> images = images(folder);
        PredictionWriter writer = previews.apply(this, new PredictionWriter(folder, EnumSet.copyOf(formats)));
        LotusBuilder builder = compute.builder(this);
        choose(builder);
        // what would be in vain is said before a checkpoint is loaded
        writer.requireWritable();
        if (images.stream().noneMatch(each -> Files.exists(each.file()))) {
            RgbImage.read(images.getFirst().file());
        }
        PredictionRun run = new PredictionRun(this, spec, options, writer, folder, builder);
        return run.over(images, sources.resume()) > 0 ? FAILED : 0;
    }

    private List<Source> images(Path folder) {
        try {
            return sources.find(folder);
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }

    private PredictionOptions options() {
        try {
            PredictionOptions options = PredictionOptions.DEFAULT
                    .withResampling(resample)
                    .withMatchInput(!noMatchInput)
                    .withSeed(seed)
                    .withSteps(steps)
                    .withEnsemble(ensemble);
            if (processingResolution != null) {
                options = options.withProcessingResolution(processingResolution);
            }
            if (vaeTile != null) {
                options = options.withVaeTile(vaeTile);
            }
            return latentSeed == null ? options : options.withLatentSampleSeed(latentSeed);
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }

    /** A wrong command line. */
    ParameterException usage(@Nullable String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Says something that may surprise. */
    void warn(String message) {
        spec.commandLine().getErr().println("note: " + message);
    }

    /** Says so where a checkpoint that is to predict normals is called after depth. */
    void warnOfDepth(Path folder) {
        CheckpointName name = CheckpointName.of(folder);
        if (!name.normal() && name.depth().isPresent()) {
            warn("the name of " + folder + " says that it predicts depth; its output is taken for normals");
        }
    }

    /** Says so where a checkpoint that is to predict depth is called after normals. */
    void warnOfNormals(Path folder) {
        if (CheckpointName.of(folder).normal()) {
            warn("the name of " + folder + " says that it predicts normals; its output is taken for depth");
        }
    }

    /** The kind of depth that the user states, if any. */
    static @Nullable DepthKind kind(@Nullable Kind stated) {
        return stated == null ? null : stated == Kind.DISPARITY ? DepthKind.AFFINE_DISPARITY : DepthKind.AFFINE_DEPTH;
    }

    /** What {@code --kind} accepts. */
    enum Kind {
        DEPTH,
        DISPARITY
    }
}
