package io.github.lotus4j.hub;

import io.github.lotus4j.hub.FetchListener.Stage;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** Brings one blob into the cache: its segments in parallel, going on where an earlier call ended, and moved there once it is right. */
final class BlobDownload {
    /** A hash that is wrong once may come of a part that the power failed on; one that is wrong twice does not. */
    private static final int TRIES = 2;

    private static final int PARTIAL = 206;

    /**
     * @param segmentBytes what one request asks for
     * @param connections at the same time
     */
    record Cut(long segmentBytes, int connections) {
        static final Cut USUAL = new Cut(64 << 20, 4);
    }

    private final HubClient client;
    private final Retries retries;
    private final Cut cut;
    private final RemoteFile file;
    private final String what;
    private final Tally tally;

    BlobDownload(HubClient client, Retries retries, Cut cut, HubReference reference, RemoteFile file, Tally tally) {
        this.client = client;
        this.retries = retries;
        this.cut = cut;
        this.file = file;
        this.tally = tally;
        what = reference.repository() + " " + file.path();
    }

    /** Bytes of the file that an earlier call left. */
    static long received(Path path, RemoteFile file, Cut cut) {
        try {
            return PartFile.received(path, file.size(), cut.segmentBytes());
        } catch (IOException e) {
            throw HubException.file("read", path, e);
        }
    }

    /**
     * @param path of the part
     * @param blob where it is moved to
     */
    void run(Path path, Path blob) {
        try {
            for (int tries = 1; ; tries++) {
                try (PartFile part = PartFile.open(path, file.size(), cut.segmentBytes())) {
                    receive(part);
                    part.finish();
                }
                String found = file.hash().of(path, read -> tally.add(Stage.CHECKING, file.path(), 0));
                if (found.equals(file.hash().hex())) {
                    Files.move(path, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    return;
                }
                Files.delete(path);
                if (tries == TRIES) {
                    throw new HubException(
                            "%s: found %s %s, expected %s, as the hub has it; what was downloaded is deleted"
                                    .formatted(
                                            what,
                                            file.hash().algorithm(),
                                            found,
                                            file.hash().hex()));
                }
                tally.add(Stage.DOWNLOADING, file.path(), -file.size());
            }
        } catch (ClosedByInterruptException e) {
            throw Retries.cancelled();
        } catch (IOException e) {
            throw HubException.file("write", path, e);
        }
    }

    private void receive(PartFile part) {
        try {
            inSegments(part);
        } catch (RangesIgnored e) {
            // from the start each time, passing over what is there
            retries.call(what, part::received, () -> ask(part, 0, file.size()));
        }
    }

    private void inSegments(PartFile part) {
        try (ExecutorService threads = Executors.newFixedThreadPool(cut.connections())) {
            ExecutorCompletionService<Boolean> segments = new ExecutorCompletionService<>(threads);
            AtomicBoolean failed = new AtomicBoolean();
            try {
                int begun = 0;
                for (int i = 0; i < part.segments(); i++) {
                    int segment = i;
                    if (part.position(i) < part.end(i)) {
                        segments.submit(() -> segment(part, segment, failed));
                        begun++;
                    }
                }
                for (int ended = 0; ended < begun; ended++) {
                    segments.take().get();
                }
            } catch (InterruptedException e) {
                throw Retries.cancelled();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(e.getCause());
            } finally {
                threads.shutdownNow(); // where one failed, the others need not go on
            }
        }
    }

    /** Begins no more where another has failed: the caller may hear of that late. */
    private boolean segment(PartFile part, int segment, AtomicBoolean failed) {
        if (failed.get()) {
            return false;
        }
        try {
            return retries.call(
                    what, () -> part.position(segment), () -> ask(part, part.position(segment), part.end(segment)));
        } catch (RuntimeException e) {
            failed.set(true);
            throw e;
        }
    }

    /** One request for the bytes from {@code from} to {@code to}, exclusive. */
    private boolean ask(PartFile part, long from, long to) throws PassingFailure {
        boolean whole = from == 0 && to == file.size();
        Map<String, String> headers = whole ? Map.of() : Map.of("Range", "bytes=" + from + "-" + (to - 1));
        Arrival arrival = new Arrival(part, from, to, whole);
        client.get(file.uri(), headers, what, arrival);
        if (arrival.next < to) {
            throw new PassingFailure(
                    "the server ended after %d bytes, expected %d".formatted(arrival.next - from, to - from),
                    Optional.empty());
        }
        return true;
    }

    /** The server sends the whole file where a part was asked for. */
    private static final class RangesIgnored extends HubException {
        private static final long serialVersionUID = 1L;

        RangesIgnored() {
            super("the server ignores ranges");
        }
    }

    /** Takes one response into the part. */
    private final class Arrival implements Body {
        private final PartFile part;
        private final long from;
        private final long to;
        private final boolean whole;
        private volatile long next;

        Arrival(PartFile part, long from, long to, boolean whole) {
            this.part = part;
            this.from = from;
            this.to = to;
            this.whole = whole;
            next = from;
        }

        @Override
        public long begin(ResponseInfo response) {
            HttpHeaders headers = response.headers();
            if (response.statusCode() == PARTIAL) {
                String found = headers.firstValue("Content-Range").orElse("");
                String range = "bytes " + from + "-" + (to - 1) + "/";
                if (!found.equals(range + file.size()) && !found.equals(range + "*")) {
                    throw new HubException(what + ": the server sends \"" + found + "\", expected \"" + range
                            + file.size() + "\", the size that the hub states");
                }
                return from;
            }
            if (!whole) {
                throw new RangesIgnored();
            }
            long length = headers.firstValueAsLong("Content-Length").orElse(file.size());
            if (length != file.size()) {
                throw new HubException(what + ": the server sends " + length + " bytes, expected " + file.size()
                        + ", the size that the hub states");
            }
            return 0;
        }

        @Override
        public void accept(long offset, ByteBuffer bytes) throws IOException {
            next = offset + bytes.remaining();
            if (next > to) {
                throw new HubException(
                        what + ": the server sends more than the " + (to - from) + " bytes that were asked for");
            }
            tally.add(Stage.DOWNLOADING, file.path(), part.accept(offset, bytes));
        }
    }
}
