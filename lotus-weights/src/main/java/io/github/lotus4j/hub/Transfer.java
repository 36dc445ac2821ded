package io.github.lotus4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** One exchange: hands a good response's bytes on as they come, and knows when the last came. */
final class Transfer implements HttpResponse.BodyHandler<Long> {
    private static final int GOOD = 2;

    private final Body body;
    private volatile long lastByte = System.nanoTime();
    private volatile @Nullable Exception failure;

    Transfer(Body body) {
        this.body = body;
    }

    /** A request is sent now, the first or where a redirect leads. */
    void sent() {
        lastByte = System.nanoTime();
    }

    /** How long nothing has come. */
    Duration idle() {
        return Duration.ofNanos(System.nanoTime() - lastByte);
    }

    /** Why the bytes could not be taken, if that is what ended the exchange. */
    Optional<Exception> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public HttpResponse.BodySubscriber<Long> apply(ResponseInfo response) {
        lastByte = System.nanoTime();
        return response.statusCode() / 100 == GOOD
                ? new Receiver(response)
                : HttpResponse.BodySubscribers.replacing(0L); // a redirect's or an error's words
    }

    /** Asks for the next bytes when the last have been taken, so that a slow disk slows the server. */
    private final class Receiver implements HttpResponse.BodySubscriber<Long> {
        private final ResponseInfo response;
        private final CompletableFuture<Long> received = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;
        private long offset;

        Receiver(ResponseInfo response) {
            this.response = response;
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
            try {
                offset = body.begin(response);
                begun.request(1);
            } catch (HubException e) {
                stop(begun, e);
            }
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            lastByte = System.nanoTime();
            Flow.Subscription current = subscription;
            if (current == null || received.isDone()) {
                return;
            }
            try {
                for (ByteBuffer bytes : buffers) {
                    int count = bytes.remaining();
                    body.accept(offset, bytes);
                    offset += count;
                }
                current.request(1);
            } catch (IOException | RuntimeException e) {
                stop(current, e);
            }
        }

        private void stop(Flow.Subscription current, Exception e) {
            failure = e;
            current.cancel();
            received.completeExceptionally(e);
        }

        @Override
        public void onError(Throwable thrown) {
            received.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            received.complete(offset);
        }

        @Override
        public CompletionStage<Long> getBody() {
            return received;
        }
    }
}
