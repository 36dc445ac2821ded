package io.github.lotus4j.cli;

import io.github.lotus4j.RgbImage;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * One image after the other: while one is predicted, on the calling thread, the next is read and the results of the last are
 * written, each on a thread of its own. More is never under way, however many images there are. What goes wrong with an image is
 * reported, and the others go on. Used once.
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
    /** One at most. */
    private final Queue<Future<Optional<Photo>>> ahead = new ArrayDeque<>();
    /** One at most. */
    private final Queue<Future<?>> behind = new ArrayDeque<>();

    Batch(Work work, Optional<Journal> journal, BatchReport report) {
        this.work = work;
        this.journal = journal;
        this.report = report;
    }

    /** @throws CancellationException if a prediction, or the calling thread, was cancelled; what was predicted is written */
    void run(List<Source> sources) {
        Iterator<Source> left = sources.iterator();
        try (ExecutorService files = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("lotus-files-", 0).factory())) {
            while (left.hasNext() || !ahead.isEmpty()) {
                step(left, files);
            }
            awaitWritten();
        }
    }

    private void step(Iterator<Source> left, ExecutorService files) {
        if (ahead.isEmpty()) {
            readAhead(left, files);
        }
        Optional<Photo> photo = await(ahead.remove());
        boolean beside = photo.isEmpty() || work.roomBeside(photo.get().image());
        if (beside && left.hasNext()) {
            readAhead(left, files);
        }
        Optional<Runnable> writing = photo.flatMap(each -> attempt(each.source(), () -> predict(each)));
        awaitWritten();
        writing.ifPresent(each -> behind.add(files.submit(each)));
        if (!beside) {
            awaitWritten();
        }
    }

    private void readAhead(Iterator<Source> left, ExecutorService files) {
        Source next = left.next();
        ahead.add(files.submit(() -> attempt(next, () -> read(next))));
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
        }
    }

    private void awaitWritten() {
        while (!behind.isEmpty()) {
            await(behind.remove());
        }
    }

    private static <T> T await(Future<T> step) {
        try {
            return step.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case RuntimeException runtime -> throw runtime;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
