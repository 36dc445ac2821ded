package io.github.lotus4j.cli;

import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Progress;
import io.github.lotus4j.cli.video.Ffmpeg;
import io.github.lotus4j.cli.video.VideoWriter;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of the video command: frames are predicted one after another, while the next is decoded and the results of the last are
 * written, as a {@link Conveyor} has them. The first thing that goes wrong ends it, since every later frame depends on the ones before.
 *
 * @param <T> what is predicted
 */
final class VideoRun<T> {
    private final VideoCommand command;
    private final FrameSource source;
    private final Path output;
    private final FrameResults<T> results;
    private final PrintWriter out;
    private final BatchReport report;
    private Source current = new Source("", Path.of(""));

    VideoRun(VideoCommand command, FrameSource source, Path output, FrameResults<T> results) {
        this.command = command;
        this.source = source;
        this.output = output;
        this.results = results;
        out = command.spec().commandLine().getOut();
        PrintWriter err = command.spec().commandLine().getErr();
        Pace pace = new Pace(source.total(), Pace.Unit.FRAME, System::nanoTime);
        report = new BatchReport(out, err, ProgressLine.onTerminal(err), pace, true);
    }

    /**
     * @param sequences opens what predicts, and tells this of its progress
     * @param encoder of the previews' video, if there is to be one
     * @return whether the source was whole, as far as ffmpeg tells
     * @throws CancellationException if the calling thread is interrupted
     */
    boolean over(Function<Consumer<Progress>, FrameSequence<T>> sequences, Optional<Ffmpeg> encoder) {
        source.leftovers().accept(output);
        Leftovers.delete(output, videoName()::equals);
        FrameSequence<T> sequence = sequences.apply(now -> report.predicting(current, now));
        try (Frames frames = source.frames().get();
                @Nullable VideoWriter video = encoder.map(this::video).orElse(null)) {
            new Conveyor<>(new Steps(frames, sequence, video)).run();
            report.pause();
            if (video != null) {
                orSayHowWithout(() -> out.println(video.finish()));
            }
            return tell(sequence.cuts(), frames.complaints());
        } finally {
            report.pause();
        }
    }

    private VideoWriter video(Ffmpeg ffmpeg) {
        return new VideoWriter(ffmpeg, output.resolve(videoName()), source.rate());
    }

    private String videoName() {
        return source.name() + results.video();
    }

    private static void orSayHowWithout(Runnable writing) {
        try {
            writing.run();
        } catch (LotusException e) {
            throw new LotusException(e.getMessage() + " (--no-video goes without it)", e);
        }
    }

    private boolean tell(int cuts, String complaints) {
        if (cuts > 0) {
            command.warn(cuts + (cuts == 1 ? " cut was" : " cuts were") + " found, where smoothing began anew (--cut)");
        }
        if (!complaints.isEmpty()) {
            command.warn("ffmpeg reported errors; every frame that it could decode is done: " + complaints);
        }
        return complaints.isEmpty();
    }

    private final class Steps implements Conveyor.Steps<Frames.Frame> {
        private final Frames frames;
        private final FrameSequence<T> sequence;
        private final @Nullable VideoWriter video;

        Steps(Frames frames, FrameSequence<T> sequence, @Nullable VideoWriter video) {
            this.frames = frames;
            this.sequence = sequence;
            this.video = video;
        }

        @Override
        public Optional<Frames.Frame> fetch() {
            return frames.next();
        }

        @Override
        public boolean roomBeside(Frames.Frame frame) {
            try {
                int width = frame.image().width();
                return ImageWork.roomBeside(
                        frame.image(),
                        sequence.predictionBytes(width, frame.image().height()));
            } catch (LotusException e) { // the prediction will say so, too
                return true;
            }
        }

        @Override
        public Runnable work(Frames.Frame frame) {
            current = frame.source();
            T predicted = predict(frame);
            return () -> write(frame.source().name(), predicted);
        }

        private T predict(Frames.Frame frame) {
            try {
                return sequence.next(frame.image());
            } catch (LotusException e) {
                String message = String.valueOf(e.getMessage());
                throw new LotusException(BatchReport.naming(frame.title(), message), e);
            }
        }

        private void write(String name, T predicted) {
            List<Path> written = results.files().apply(name, predicted);
            if (video != null) {
                FrameResults.Picture picture = results.picture().apply(predicted);
                orSayHowWithout(() -> video.add(picture.width(), picture.height(), picture.rgb()));
            }
            report.done(written);
        }

        @Override
        public void stop() {
            frames.stop();
            if (video != null) {
                video.stop();
            }
        }
    }
}
