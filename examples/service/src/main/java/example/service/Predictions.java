package example.service;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** From an upload to its depth; whoever stops waiting for that stops the prediction. */
@Component
class Predictions {
    private final Lotus lotus;
    private final Scheduler threads;
    private final Semaphore places; // of those that run or wait
    private final PredictionOptions options;
    private final LongTaskTimer running;
    private final Counter cancelled;

    Predictions(Lotus lotus, Scheduler predictionThreads, LotusProperties properties, MeterRegistry meters) {
        this.lotus = lotus;
        threads = predictionThreads;
        places = new Semaphore(properties.concurrent() + properties.waiting());
        options = properties.processingResolution() == 0
                ? PredictionOptions.DEFAULT
                : PredictionOptions.DEFAULT.withProcessingResolution(properties.processingResolution());
        running = meters.more().longTaskTimer("lotus.predictions.running");
        cancelled = meters.counter("lotus.predictions.cancelled");
    }

    Mono<DepthMap> depth(FilePart upload) {
        return Mono.defer(() -> {
            if (!places.tryAcquire()) {
                return Mono.error(new RejectedExecutionException("too many images wait; try again later"));
            }
            return inPlace(upload).doFinally(_ -> places.release());
        });
    }

    private Mono<DepthMap> inPlace(FilePart upload) {
        AtomicBoolean gone = new AtomicBoolean();
        return Mono.usingWhen(
                        blocking(() -> Files.createTempFile("upload", "")),
                        file -> upload.transferTo(file)
                                .then(Mono.fromCallable(() -> predict(file, gone)).subscribeOn(threads)),
                        file -> blocking(() -> Files.deleteIfExists(file)))
                .doOnCancel(() -> gone.set(true));
    }

    private static <T> Mono<T> blocking(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
    }

    /** @return nothing if the client is gone */
    private DepthMap predict(Path file, AtomicBoolean gone) throws IOException {
        try {
            RgbImage image = RgbImage.decode("the image", Files.readAllBytes(file)); // upright, as the file says
            return running.record(() -> lotus.predictDepth(image, options));
        } catch (CancellationException e) { // this thread was interrupted: the client is gone, or the service ends
            if (!gone.get()) {
                throw e;
            }
            cancelled.increment();
            return null;
        } catch (IOException e) {
            if (!gone.get()) {
                throw e;
            }
            return null; // with the file
        }
    }
}
