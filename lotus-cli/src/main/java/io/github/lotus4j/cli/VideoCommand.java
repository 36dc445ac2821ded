package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.TemporalSmoothing;
import io.github.lotus4j.cli.video.Ffmpeg;
import io.github.lotus4j.cli.video.FrameRate;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import io.github.lotus4j.output.ValueRange;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "video",
        header = "Depth or normals of the frames of a video, or of a folder of frames, without flicker.",
        description = {
            "Writes what depth or normal write, for each frame: of clip.mp4 clip_000001_depth.npy and so on; of frames that are"
                    + " image files, called after them. Where ffmpeg is on the PATH, also a video of the previews, NAME_depth_preview.mp4"
                    + " or NAME_normal.mp4. Video files are read by ffmpeg; frames in files need none.",
            "",
            "Each frame's prediction is averaged with those before it, as a latent, before it is decoded: there is less flicker,"
                    + " and what moves appears a little late. At a cut, that begins anew.",
            "",
            "Previews of depth have one range of colours for all frames, so that they do not jump: from 0 to 1, where the model puts"
                    + " the nearest and the farthest of what it sees, whatever the frame (--range takes another). Those of an"
                    + " ensemble's spread go from 0 to the largest of each frame."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all frames are done",
            "1:a frame, ffmpeg or the checkpoint failed, or ffmpeg found errors in the video",
            "2:the command line is wrong"
        })
final class VideoCommand extends CheckpointCommand {
    private static final ValueRange WHOLE = new ValueRange(0, 1);
    private static final Set<Format> MAPS = EnumSet.of(Format.NPY, Format.NPZ, Format.TIFF, Format.PNG, Format.PREVIEW);

    @Parameters(
            arity = "1..*",
            paramLabel = "VIDEO|FRAMES",
            description =
                    "A video file; a folder of frames, whose image files are taken in the order of the numbers in their names"
                            + " (frame2 before frame10); or a pattern in quotes, as 'frames/*.png'.")
    @SuppressWarnings("NullAway.Init")
    private List<String> inputs;

    @Option(
            names = "--predict",
            paramLabel = "depth|normal",
            defaultValue = "depth",
            description = "What is predicted (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private What what;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KindOption kind;

    @Option(
            names = "--frame-weight",
            paramLabel = "W",
            defaultValue = "0.5",
            description =
                    "The weight of each frame's own latent, w · latent + (1 - w) · average before; 1 for frames by"
                            + " themselves (default: ${DEFAULT-VALUE}: two fifths of the flicker are left, and what moves is one frame late).")
    private double frameWeight;

    @Option(
            names = "--cut",
            paramLabel = "D",
            defaultValue = "0.1",
            description =
                    "How much a frame may differ from the one before, as a share of the whole range of brightness, before"
                            + " it counts as a cut; 1 for no cuts (default: ${DEFAULT-VALUE}).")
    private double cut;

    @Option(
            names = "--fps",
            paramLabel = "RATE",
            description =
                    "Frames a second, as 5, 23.976 or 30000/1001: of a video so many are taken, of image files the"
                            + " previews' video has so many (default: the video's own; 25).")
    private @Nullable String fps;

    @Option(names = "--no-video", description = "Write no video of the previews.")
    private boolean noVideo;

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
                    "Of each frame: npy, npz, tiff, png, preview, as depth and normal have them (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Set<Format> formats;

    @Option(names = "--resume", hidden = true)
    private boolean resume;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PreviewOptions previews;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

    /** What {@code --predict} accepts. */
    enum What {
        DEPTH,
        NORMAL
    }

    @Override
    public Integer call() {
        if (resume) {
            throw usage(
                    "--resume: a frame is averaged with those before it, so a sequence is predicted from its first frame on;"
                            + " run it again without --resume");
        }
        if (inputs.size() > 1) {
            throw usage("found " + inputs.size()
                    + " files, expected one: a video, a folder of frames, or a pattern in quotes,"
                    + " as 'frames/*.png', which no shell has replaced");
        }
        PredictionOptions options = modelOptions.of(this);
        TemporalSmoothing smoothing = smoothing();
        Path folder = folder("--output", output);
        ValueRange range = previews.range(this, what == What.DEPTH).orElse(WHOLE);
        PredictionWriter writer = new PredictionWriter(folder, maps())
                .withColours(previews.colours())
                .withRange(range);
        LotusBuilder builder = compute.builder(this);
        choose(builder);
        // what would be in vain is said before a checkpoint is loaded
        Optional<Ffmpeg> ffmpeg = Ffmpeg.find(environment());
        FrameSource frames = frames(folder, ffmpeg);
        writer.requireWritable();
        if (ffmpeg.isEmpty() && !noVideo) {
            warn("ffmpeg is in none of the folders of PATH, so there will be no video of the previews");
        }
        if (model.isNano()) {
            warn(PredictionRun.NANO);
        }
        Optional<Ffmpeg> encoder = noVideo ? Optional.empty() : ffmpeg;
        try (Lotus lotus = builder.build()) {
            boolean whole = switch (what) {
                case DEPTH ->
                    new VideoRun<>(this, frames, folder, FrameResults.ofDepth(writer, previews.colours(), range))
                            .over(told -> lotus.depthSequence(options.withProgress(told), smoothing), encoder);
                case NORMAL ->
                    new VideoRun<>(this, frames, folder, FrameResults.ofNormals(writer))
                            .over(told -> lotus.normalSequence(options.withProgress(told), smoothing), encoder);
            };
            return whole ? 0 : 1;
        }
    }

    private TemporalSmoothing smoothing() {
        try {
            return new TemporalSmoothing(frameWeight, cut);
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }

    private Set<Format> maps() {
        for (Format each : formats) {
            if (!MAPS.contains(each)) {
                throw usage("--format: found " + each + ", expected one of " + MAPS + " for frames");
            }
        }
        return EnumSet.copyOf(formats);
    }

    private FrameSource frames(Path folder, Optional<Ffmpeg> ffmpeg) {
        String input = inputs.getFirst();
        if (FrameSource.isVideo(input)) {
            return FrameSource.ofVideo(Path.of(input), rate(), ffmpeg);
        }
        try {
            return FrameSource.ofFiles(input, folder, rate());
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }

    private Optional<FrameRate> rate() {
        if (fps == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(FrameRate.of(fps));
        } catch (LotusException e) {
            throw usage("--fps: " + e.getMessage());
        }
    }

    private void choose(LotusBuilder builder) {
        if (what == What.NORMAL) {
            kind.refuseForNormals(this);
        }
        if (model.isNano()) {
            kind.requireOfNano(this);
            if (what == What.DEPTH) {
                builder.nanoDepth();
            } else {
                builder.nanoNormal();
            }
            return;
        }
        Path checkpoint = model.folder(this);
        if (what == What.DEPTH) {
            kind.chooseDepth(builder, checkpoint, this);
        } else {
            warnOfDepth(checkpoint);
            builder.normal(checkpoint);
        }
    }
}
