package io.github.lotus4j.cli.video;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The frames of a video file, decoded by ffmpeg, which waits where nobody takes them: it writes one PPM image after another into a pipe.
 * Used by one thread at a time; {@link #stop()} and {@link #close()} may be called by another.
 */
public final class VideoReader implements AutoCloseable {
    /** Of a frame's bytes that are on the heap while it is read: one as it comes, one as it is kept. */
    private static final int COPIES = 2;

    /** Longer than any header that ffmpeg writes. */
    private static final int LONGEST_HEADER = 40;

    /**
     * Into a pipe, ffmpeg writes frames at a constant rate: it repeats some where they last longer, and drops others. Numbered anew, one
     * every so many seconds, each comes once; seconds so many that no frame lasts longer, as that repeats it, too.
     */
    private static final String EACH_ONCE = "settb=100000,setpts=N";

    private static final String RATE_OF_EACH_ONCE = "1/100000";

    private final Path file;
    private final long memory;
    private final FfmpegProcess process;
    private final InputStream output;
    private long frames;
    private boolean ended;

    /**
     * Begins to decode.
     *
     * @param rate at which frames are taken from the video; empty for its own
     */
    public VideoReader(Ffmpeg ffmpeg, Path file, Optional<FrameRate> rate) {
        this(ffmpeg, file, rate, Runtime.getRuntime().maxMemory());
    }

    /** @param memory bytes that a frame may take on the heap while it is read */
    VideoReader(Ffmpeg ffmpeg, Path file, Optional<FrameRate> rate, long memory) {
        this.file = file;
        this.memory = memory;
        process = ffmpeg.start(List.of(
                "-protocol_whitelist",
                "file",
                "-i",
                Ffmpeg.url(file),
                "-map",
                "0:V:0",
                "-vf",
                filter(rate),
                "-f",
                "image2pipe",
                "-r",
                RATE_OF_EACH_ONCE,
                "-c:v",
                "ppm",
                "-pix_fmt",
                "rgb24",
                "pipe:1"));
        output = new BufferedInputStream(process.output(), 1 << 16);
    }

    private static String filter(Optional<FrameRate> rate) {
        String taken = rate.map(each -> "fps=" + each + ":eof_action=pass,").orElse(""); // at least one
        String square = "scale=round(iw*sar):ih,setsar=1,"; // pixels may be wider than high
        return taken + square + EACH_ONCE;
    }

    /**
     * The next frame, upright, its pixels square; nothing after the last.
     *
     * @throws LotusException if ffmpeg fails, with what it said, or what it writes is no image, or ends within one
     * @throws InsufficientMemoryException if a frame does not fit into Java's memory
     */
    public Optional<RgbImage> next() {
        try {
            Optional<RgbImage> frame = read();
            frames += frame.isPresent() ? 1 : 0;
            return frame;
        } catch (IOException e) {
            throw new LotusException(file + " cannot be decoded: " + e.getMessage(), e);
        }
    }

    private Optional<RgbImage> read() throws IOException {
        if (atEnd()) {
            requireDone();
            if (frames == 0) {
                throw new LotusException(file + " holds no frame that ffmpeg can decode");
            }
            return Optional.empty();
        }
        int width = size(word().equals("P6") ? word() : "");
        int height = size(word());
        int most = size(word());
        if (width == 0 || height == 0 || most != 255 || 3L * width * height > Integer.MAX_VALUE - 8) {
            if (ended) {
                requireDone();
            }
            process.kill();
            throw new LotusException(
                    "%s cannot be decoded: found no header of an image in what ffmpeg writes as frame %d"
                            .formatted(file, frames + 1));
        }
        requireMemory(width, height);
        int length = 3 * width * height;
        byte[] rgb = new byte[length];
        int found = output.readNBytes(rgb, 0, length);
        if (found < length) {
            requireDone();
            throw new LotusException(
                    "%s cannot be decoded: what ffmpeg writes ends in frame %d, found %d bytes, expected %d"
                            .formatted(file, frames + 1, found, length));
        }
        return Optional.of(RgbImage.of(width, height, rgb));
    }

    private void requireDone() {
        process.requireDone(file + " cannot be decoded");
    }

    private void requireMemory(int width, int height) {
        long bytes = COPIES * 3L * width * height;
        if (bytes > memory) {
            throw new InsufficientMemoryException(
                    "decoding %s, frames of %d×%d pixels,".formatted(file, width, height),
                    bytes,
                    memory,
                    "take a smaller video, or give Java more memory (-Xmx)");
        }
    }

    private boolean atEnd() throws IOException {
        output.mark(1);
        boolean ended = output.read() < 0;
        output.reset();
        return ended;
    }

    /** Up to a single white space, as the PPM format has it; empty at the end. */
    private String word() throws IOException {
        StringBuilder word = new StringBuilder();
        int next = output.read();
        for (; next > ' ' && word.length() < LONGEST_HEADER; next = output.read()) {
            word.append((char) next);
        }
        ended = next < 0;
        return word.toString();
    }

    /** 0 for what is none. */
    private static int size(String word) {
        return word.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(word) : 0;
    }

    /** What ffmpeg had to complain about, though it went on; empty where nothing. */
    public String complaints() {
        return process.said();
    }

    /** Ends ffmpeg; a thread that waits for a frame gets an error. */
    public void stop() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
