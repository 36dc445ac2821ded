package io.github.lotus4j.cli;

import io.github.lotus4j.cli.video.Ffmpeg;
import io.github.lotus4j.cli.video.FrameRate;
import io.github.lotus4j.cli.video.VideoInfo;
import io.github.lotus4j.error.LotusException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where frames come from, before one is read.
 *
 * @param name of what is made of all of them
 * @param total how many there are, if only about
 * @param rate at which they are shown
 * @param leftovers deletes what a run that was killed had begun to write of these frames; given the folder where results go
 * @param frames begins to read
 */
record FrameSource(String name, OptionalLong total, FrameRate rate, Consumer<Path> leftovers, Supplier<Frames> frames) {
    /** Whether it is taken for a video: every file is. */
    static boolean isVideo(String input) {
        try {
            return Files.isRegularFile(Path.of(input));
        } catch (InvalidPathException e) { // a pattern
            return false;
        }
    }

    /**
     * A folder or a pattern.
     *
     * @param output where results go
     * @param rate that is wanted, if not the usual
     * @throws LotusException if there are no frames
     */
    static FrameSource ofFiles(String input, Path output, Optional<FrameRate> rate) {
        Sources sources = Sources.ofFrames(new ImageFolder(output));
        sources.add(input);
        List<Source> files = sources.all().stream()
                .sorted(Comparator.comparing(Source::name, NaturalOrder.INSTANCE))
                .toList();
        Path first = files.getFirst().file();
        if (!Files.exists(first)) { // what was named is taken for a file
            throw new LotusException(first + " does not exist, expected a video, a folder or a pattern of frames");
        }
        return new FrameSource(
                folderName(first),
                OptionalLong.of(files.size()),
                rate.orElse(FrameRate.USUAL),
                folder -> Leftovers.delete(folder, files),
                () -> Frames.of(files));
    }

    private static String folderName(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return folder == null || folder.getFileName() == null
                ? "frames"
                : folder.getFileName().toString();
    }

    /**
     * A video file.
     *
     * @param rate that is wanted, if not its own
     * @throws LotusException if ffmpeg is missing, or cannot read it
     */
    static FrameSource ofVideo(Path video, Optional<FrameRate> rate, Optional<Ffmpeg> found) {
        Ffmpeg ffmpeg = found.orElseThrow(() -> new LotusException(video
                + " is a file, expected a folder or a pattern of frames where there is no ffmpeg to read a video with: it is in"
                + " none of the folders of PATH. Install it (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg), or"
                + " have another program write the frames as images"));
        VideoInfo info = VideoInfo.of(ffmpeg, video);
        Source all = Source.named(video);
        return new FrameSource(
                all.name(),
                OptionalLong.of(info.frames(rate)),
                rate.or(info::rate).orElse(FrameRate.USUAL),
                folder -> Leftovers.delete(folder, Frames.results(all.name())),
                () -> Frames.of(ffmpeg, video, rate));
    }
}
