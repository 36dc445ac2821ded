package io.github.lotus4j.cli;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.cli.video.Ffmpeg;
import io.github.lotus4j.cli.video.FrameRate;
import io.github.lotus4j.cli.video.VideoReader;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Frames, one after another. Used by one thread at a time; {@link #stop()} may be called by another. */
interface Frames extends AutoCloseable {
    /**
     * @param source where it is from, and what its results are called
     * @param title what messages call it
     */
    record Frame(Source source, String title, RgbImage image) {}

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
        return new Frame(source, source.file().toString(), RgbImage.read(source.file()));
    }

    /** What results of a video's frames are called, without folders. */
    static Predicate<String> results(String video) {
        return Pattern.compile(Pattern.quote(video) + "_\\d{6,}_(?:depth|normal)[_.].*", Pattern.DOTALL)
                .asMatchPredicate();
    }

    /** Those of a video, whose results are called after it and numbered from 000001. */
    static Frames of(Ffmpeg ffmpeg, Path video, Optional<FrameRate> rate) {
        String name = Source.named(video).name();
        VideoReader reader = new VideoReader(ffmpeg, video, rate);
        return new Frames() {
            private long number;

            @Override
            public Optional<Frame> next() {
                return reader.next().map(this::numbered);
            }

            private Frame numbered(RgbImage image) {
                number++;
                Source source = new Source(String.format(Locale.ROOT, "%s_%06d", name, number), video);
                return new Frame(source, video + ", frame " + number, image);
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
