package io.github.lotus4j.cli;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * One image after the other, as a {@link Conveyor} has them. What goes wrong with an image is reported, and the others go on. Used
 * once.
 */
final class Batch {
    /** What is done with an image. */
    interface Work {
        RgbImage read(Path file);

        /** Whether memory suffices for another image of this size that is read, and results that are written, at the same time. */
        boolean roomBeside(RgbImage image);

        /** @return what writes the results, and gives their files */
        Supplier<List<Path>> predict(Source source, RgbImage image);
    }

    /** @param stamp of the file, before it was read */
    private record Photo(Source source, Optional<FileStamp> stamp, RgbImage image) {}

    private final Work work;
    private final Optional<Journal> journal;
    private final BatchReport report;

    Batch(Work work, Optional<Journal> journal, BatchReport report) {
        this.work = work;
        this.journal = journal;
        this.report = report;
    }

    /** @throws CancellationException if a prediction, or the calling thread, was cancelled; what was predicted is written */
    void run(List<Source> sources) {
        Iterator<Source> left = sources.iterator();
        new Conveyor<>(new Conveyor.Steps<Photo>() {
                    @Override
                    public Optional<Photo> fetch() {
                        Optional<Photo> photo = Optional.empty();
                        while (photo.isEmpty() && left.hasNext()) {
                            Source next = left.next();
                            photo = attempt(next, () -> read(next));
                        }
                        return photo;
                    }

                    @Override
                    public boolean roomBeside(Photo photo) {
                        return work.roomBeside(photo.image());
                    }

                    @Override
                    public Runnable work(Photo photo) {
                        return attempt(photo.source(), () -> predict(photo)).orElse(() -> {});
                    }
                })
                .run();
    }

    private Photo read(Source source) {
        Optional<FileStamp> stamp = FileStamp.of(source.file());
        return new Photo(source, stamp, work.read(source.file()));
    }

    private Runnable predict(Photo photo) {
        Supplier<List<Path>> results = work.predict(photo.source(), photo.image());
        return () -> attempt(photo.source(), () -> write(photo, results));
    }

    private List<Path> write(Photo photo, Supplier<List<Path>> results) {
        List<Path> written = results.get();
        journal.ifPresent(to -> photo.stamp().ifPresent(stamp -> to.add(photo.source(), stamp, written)));
        report.done(written);
        return written;
    }

    /** Empty where it failed, which is reported. */
    private <T> Optional<T> attempt(Source source, Supplier<T> step) {
        try {
            return Optional.of(step.get());
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) { // the other images may do better
            report.failed(source, e);
            return Optional.empty();
        } catch (OutOfMemoryError e) { // as a mesh of many pixels: smaller images may do better
            report.failed(
                    source,
                    new LotusException(
                            "Java's memory is used up (" + e.getMessage()
                                    + "); take smaller images, or give Java more with LOTUS_JAVA_OPTIONS=-Xmx8g",
                            e));
            return Optional.empty();
        }
    }
}
