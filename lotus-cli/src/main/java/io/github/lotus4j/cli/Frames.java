package io.github.lotus4j.cli;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.video.Ffmpeg;
import io.github.lotus4j.video.FrameRate;
import io.github.lotus4j.video.VideoReader;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Frames, one after another. Used by one thread at a time; {@link #stop()} may be called by another. */
interface Frames extends AutoCloseable {
    /** @param source where it is from, and what its results are called */
    record Frame(Source source, RgbImage image) {}

    /** The next one; nothing after the last. */
    Optional<Frame> next();

    /** Ends what {@link #next()} may wait for. */
    default void stop() {}

    /** What is worth knowing though nothing failed; empty if nothing. */
    default String complaints() {
        return "";
    }

    @Override
    default void close() {}

    /** Image files. */
    static Frames of(List<Source> files) {
        Iterator<Source> left = files.iterator();
        return () -> left.hasNext() ? Optional.of(read(left.next())) : Optional.empty();
    }

    private static Frame read(Source source) {
        return new Frame(source, RgbImage.read(source.file()));
    }

    /** Those of a video, whose results are called after it and numbered from 000001. */
    static Frames of(Ffmpeg ffmpeg, Path video, Optional<FrameRate> rate) {
        String name = Source.named(video).name();
        VideoReader reader = new VideoReader(ffmpeg, video, rate);
        return new Frames() {
            private long number;

            @Override
            public Optional<Frame> next() {
                return reader.next().map(image -> new Frame(numbered(), image));
            }

            private Source numbered() {
                number++;
                return new Source(String.format(Locale.ROOT, "%s_%06d", name, number), video);
            }

            @Override
            public void stop() {
                reader.stop();
            }

            @Override
            public String complaints() {
                return reader.complaints();
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }
}
