package io.github.lotus4j.cli.video;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.OutputException;
import io.github.lotus4j.output.Part;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has ffmpeg write a video: MP4, in the best codec for it that it knows. The file is there as a whole or not at all: it is written under a
 * hidden name, then moved. Used by one thread at a time; {@link #stop()} may be called by another.
 */
public final class VideoWriter implements AutoCloseable {
    /**
     * Even sides, since colours are stored for two pixels each way; the colours and the layout that players expect, which the file says,
     * too: without that, they guess.
     */
    private static final String FILTER =
            "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,"
                    + "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";

    private final Ffmpeg ffmpeg;
    private final Path target;
    private final FrameRate rate;
    private volatile @Nullable FfmpegProcess process;
    private @Nullable Part part; // from the first frame on
    private volatile boolean stopped;
    private int width;
    private int height;

    /** Begins nothing before there is a frame. */
    public VideoWriter(Ffmpeg ffmpeg, Path target, FrameRate rate) {
        this.ffmpeg = ffmpeg;
        this.target = target;
        this.rate = rate;
    }

    /**
     * Adds a frame.
     *
     * @param rgb {@code [height, width, 3]}
     * @throws OutputException if it cannot be written
     * @throws LotusException if ffmpeg fails, with what it said, or the frame is not as large as the first
     */
    public void add(int frameWidth, int frameHeight, byte[] rgb) {
        FfmpegProcess writer = process;
        if (writer == null) {
            requireRunning();
            width = frameWidth;
            height = frameHeight;
            writer = start();
            process = writer;
            if (stopped) { // meanwhile, by who saw no process
                writer.kill();
            }
            requireRunning();
        } else if (frameWidth != width || frameHeight != height) {
            throw new LotusException("%s: found a frame of %d×%d pixels, expected %d×%d, as the first"
                    .formatted(target, frameWidth, frameHeight, width, height));
        }
        try {
            writer.input().write(rgb);
        } catch (IOException e) { // ffmpeg has ended, and says why
            writer.requireDone(cannot());
            throw new OutputException(cannot() + ": " + e.getMessage(), e);
        }
    }

    private void requireRunning() {
        if (stopped) {
            throw new LotusException(cannot() + ": it was stopped");
        }
    }

    private String cannot() {
        return target + " cannot be written";
    }

    private FfmpegProcess start() {
        Part begun = part; // where ffmpeg did not start for an earlier frame
        try {
            if (begun == null) {
                begun = Part.begin(target.toAbsolutePath());
                part = begun;
            }
        } catch (IOException e) {
            throw OutputException.of(target, e);
        }
        return ffmpeg.start(List.of(
                "-f",
                "rawvideo",
                "-pixel_format",
                "rgb24",
                "-video_size",
                width + "x" + height,
                "-framerate",
                rate.toString(),
                "-i",
                "pipe:0",
                "-vf",
                FILTER,
                // older versions take from here what newer ones take from the filter
                "-colorspace",
                "bt709",
                "-color_primaries",
                "bt709",
                "-color_trc",
                "bt709",
                "-color_range",
                "tv",
                "-q:v",
                "2", // for codecs without a default quality
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
                "-y", // it is there, empty
                Ffmpeg.url(begun.path())));
    }

    /**
     * Ends the video, and has it appear.
     *
     * @return the target
     * @throws OutputException if it cannot be written
     * @throws LotusException if ffmpeg fails, with what it said
     */
    public Path finish() {
        FfmpegProcess writer = process;
        Part written = part;
        if (writer == null || written == null) {
            throw new LotusException(cannot() + ": there was no frame");
        }
        try (OutputStream end = writer.input()) {
            end.flush();
        } catch (IOException e) {
            writer.requireDone(cannot());
            throw new OutputException(cannot() + ": " + e.getMessage(), e);
        }
        writer.requireDone(cannot());
        try {
            written.finish();
        } catch (IOException e) {
            throw OutputException.of(target, e);
        }
        return target;
    }

    /** Ends ffmpeg; a thread that adds a frame, now or later, gets an error. */
    public void stop() {
        stopped = true;
        FfmpegProcess writer = process;
        if (writer != null) {
            writer.kill();
        }
    }

    /** Ends ffmpeg, and deletes what is not finished. */
    @Override
    public void close() {
        FfmpegProcess writer = process;
        if (writer != null) {
            writer.close();
        }
        if (part != null) {
            try {
                part.close();
            } catch (IOException e) {
                // hidden, and in nobody's way
            }
        }
    }
}
