package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointName;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
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
    private static final String NANO_NOTE =
            "note: this is the embedded miniature, made for trying things out; real checkpoints give far better results "
                    + "(lotus models, lotus fetch NAME, --model NAME)";

    /** What {@code --backend} takes. */
    static final String BACKENDS =
            "auto, cpu or cuda, which options may follow: a device's number, f16 (the default), bf16, f32, fused (take"
                    + " cuDNN's plans for attention and convolutions where they compute the same), as in cuda:1,f32 (default: ${DEFAULT-VALUE}).";

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "PNG, JPEG, TIFF, BMP or GIF files.")
    @SuppressWarnings("NullAway.Init")
    private List<Path> images;

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
            paramLabel = "npy,png,preview,ply,glb,obj,html",
            defaultValue = "npy,png,preview",
            description =
                    "npy: float32 values; png: depth in 16 bits, normals in colours; preview: depth in colours;"
                            + " ply, glb, obj: the shape as a mesh; html: a page that shows all of it (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Set<Format> formats;

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

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one a processor).")
    private @Nullable Integer threads;

    @Option(names = "--exact", description = "Avoid every algorithm that trades accuracy for speed.")
    private boolean exact;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = BACKENDS)
    @SuppressWarnings("NullAway.Init")
    private String backend;

    @Option(
            names = "--packed-weights-cache",
            paramLabel = "DIR",
            description =
                    "Keep the weights there as the CPU packs them, and load them faster from there the next time; takes as"
                            + " much disk space as the checkpoint (default: nothing is kept).")
    private @Nullable String packedWeightsCache;

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

    /** How shapes are made of what is predicted. */
    ShapeOptions shapes() {
        return shapes;
    }

    /** Predicts and writes. */
    abstract List<Path> predict(
            Lotus lotus, RgbImage image, PredictionOptions options, PredictionWriter writer, String name);

    @Override
    public Integer call() {
        PredictionOptions options = options();
        shapes.check(this);
        Map<String, Path> names = names();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (usesNano()) {
            err.println(NANO_NOTE);
        }
        ProgressLine progress = ProgressLine.onTerminal(err);
        PredictionWriter writer = new PredictionWriter(folder("--output", output), EnumSet.copyOf(formats));
        LotusBuilder builder = builder();
        // what would be in vain is said before a checkpoint is loaded
        writer.requireWritable();
        if (names.values().stream().noneMatch(Files::exists)) {
            RgbImage.read(names.values().iterator().next());
        }
        int failures = 0;
        try (Lotus lotus = builder.build()) {
            for (Map.Entry<String, Path> each : names.entrySet()) {
                try {
                    PredictionOptions told = options.withProgress(now -> progress.show(each.getKey(), now));
                    List<Path> written = predict(lotus, RgbImage.read(each.getValue()), told, writer, each.getKey());
                    progress.clear();
                    written.forEach(out::println);
                } catch (LotusException e) { // the other images may do better
                    progress.clear();
                    err.println("lotus: " + naming(each.getValue(), e));
                    failures++;
                }
            }
        }
        if (failures > 0 && names.size() > 1) {
            err.println("lotus: " + failures + " of " + names.size() + " images failed");
        }
        return failures > 0 ? FAILED : 0;
    }

    /** The message, with the image's name where it has none: of several images, which one. */
    private static String naming(Path image, LotusException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("image:") ? image + message.substring("image".length()) : message;
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

    private LotusBuilder builder() {
        if (!Backends.known(backend)) {
            throw usage("--backend: found " + backend + ", expected one of " + Backends.names());
        }
        LotusBuilder builder = Lotus.builder().exact(exact).backend(backend);
        if (threads != null) {
            try {
                builder.threads(new BackendSettings(threads, exact).threads());
            } catch (LotusException e) {
                throw usage("--" + e.getMessage());
            }
        }
        if (packedWeightsCache != null) {
            builder.packedWeightsCache(folder("--packed-weights-cache", packedWeightsCache));
        }
        choose(builder);
        return builder;
    }

    /** Images by the names of their results, in their order; two of one name would overwrite each other. */
    private Map<String, Path> names() {
        Map<String, Path> names = new LinkedHashMap<>();
        for (Path image : images) {
            Path file = image.getFileName();
            String whole = file == null ? "image" : file.toString();
            int dot = whole.lastIndexOf('.');
            String name = dot > 0 ? whole.substring(0, dot) : whole;
            Path before = names.put(name, image);
            if (before != null) {
                throw usage(before + " and " + image + " would both be written as " + name
                        + "_…; run them separately, with different --output folders");
            }
        }
        return names;
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
