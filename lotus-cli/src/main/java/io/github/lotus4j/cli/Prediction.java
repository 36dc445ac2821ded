package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What depth, normal and geometry have in common: images in, one prediction after the other, files out. */
@Command(
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all images are done", "1:an image or the checkpoint failed", "2:the command line is wrong"})
abstract class Prediction extends CheckpointCommand {
    private static final int FAILED = 1;

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

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

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
        PredictionOptions options = modelOptions.of(this);
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
        PredictionRun run = new PredictionRun(this, spec(), options, writer, folder, builder);
        return run.over(images, sources.resume()) > 0 ? FAILED : 0;
    }

    private List<Source> images(Path folder) {
        try {
            return sources.find(folder);
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }
}
