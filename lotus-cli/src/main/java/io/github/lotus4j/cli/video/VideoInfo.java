package io.github.lotus4j.cli.video;

import io.github.lotus4j.error.LotusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a video before a frame of it is decoded.
 *
 * @param frames how many there are, as far as its container tells; decoding may give a few more or fewer
 * @param rate at which they are shown, on average; unknown where neither their times nor their durations tell
 */
public record VideoInfo(long frames, Optional<FrameRate> rate) {
    /**
     * Has ffmpeg list the packets of the file's first video stream, without decoding them: a packet is a frame.
     *
     * @throws LotusException if ffmpeg cannot read it, or finds no video in it
     */
    public static VideoInfo of(Ffmpeg ffmpeg, Path file) {
        List<String> arguments = List.of(
                "-protocol_whitelist",
                "file", // a list in the place of a video could name addresses
                "-i",
                Ffmpeg.url(file),
                "-map",
                "0:V:0", // a picture of a cover is none
                "-c",
                "copy",
                "-f",
                "framecrc",
                "pipe:1");
        try (FfmpegProcess process = ffmpeg.start(arguments);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.output(), StandardCharsets.ISO_8859_1))) {
            Packets packets = new Packets(file);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                packets.add(line);
            }
            process.requireDone(file + " cannot be read");
            if (packets.count == 0) {
                throw new LotusException(file + " holds no video");
            }
            return new VideoInfo(packets.count, packets.rate());
        } catch (IOException e) {
            throw new LotusException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** At another rate, where one is wanted. */
    public long frames(Optional<FrameRate> wanted) {
        return wanted.isPresent() && rate.isPresent() ? wanted.get().frames(frames, rate.get()) : frames;
    }

    /** Adds up ffmpeg's list: {@code #tb 0: 1/12800}, the unit of time, and {@code stream, dts, pts, duration, size, checksum}. */
    private static final class Packets {
        private static final String UNIT = "#tb 0:";
        private static final int PRESENTATION = 2;
        private static final int DURATION = 3;

        private final Path file;
        private long count;
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;
        private long duration;
        private Optional<FrameRate> unit = Optional.empty(); // its inverse

        Packets(Path file) {
            this.file = file;
        }

        void add(String line) {
            try {
                if (line.startsWith(UNIT)) {
                    String[] ends = line.substring(UNIT.length()).strip().split("/", -1);
                    unit = Optional.of(new FrameRate(Long.parseLong(ends[1]), Long.parseLong(ends[0])));
                } else if (!line.startsWith("#")) {
                    String[] columns = line.split(",", -1);
                    long time = Long.parseLong(columns[PRESENTATION].strip());
                    first = Math.min(first, time); // they are in the order in which they are decoded
                    last = Math.max(last, time);
                    duration = Math.addExact(duration, Long.parseLong(columns[DURATION].strip()));
                    count++;
                }
            } catch (ArithmeticException | IndexOutOfBoundsException | LotusException | NumberFormatException e) {
                String expected =
                        line.startsWith(UNIT) ? UNIT + " seconds as a fraction" : "stream, dts, pts, duration, …";
                throw new LotusException(
                        file + ": ffmpeg's list of frames: found " + line + ", expected " + expected, e);
            }
        }

        /** From first to last, as durations may be rounded: Matroska has them in whole milliseconds. */
        Optional<FrameRate> rate() {
            boolean timed = first != Long.MIN_VALUE && last > first; // that stands for no time
            return timed ? rate(count - 1, last - first) : rate(count, duration);
        }

        private Optional<FrameRate> rate(long steps, long time) {
            if (unit.isEmpty() || time < 1) {
                return Optional.empty();
            }
            FrameRate units = unit.get();
            try {
                return Optional.of(new FrameRate(
                        Math.multiplyExact(steps, units.numerator()), Math.multiplyExact(time, units.denominator())));
            } catch (ArithmeticException e) { // ages
                return Optional.empty();
            }
        }
    }
}
