package io.github.lotus4j.hub;

import static io.github.lotus4j.hub.LocalHub.address;
import static io.github.lotus4j.hub.LocalHub.listing;
import static io.github.lotus4j.hub.LocalHub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.hub.FetchListener.Stage;
import io.github.lotus4j.weights.CheckpointException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetching from a hub that fails in every way. */
@Timeout(60) // where a lock or a server is waited for
class HubTest extends HubCase {
    @Test
    void everythingNeededIsThereAndNothingElse() throws IOException {
        assertFetched(fetch());
        assertThat(hub.requests)
                .noneMatch(each -> each.path().endsWith(".bin") || each.path().endsWith(".md"));
        assertThat(hub.count("GET", "store")).isEqualTo(7 + 3 + 1); // segments
        long total = progress.getLast().total();
        assertThat(progress.getLast().done()).isEqualTo(total).isEqualTo(300 + 999 + UNET_BYTES + 20 + 70_001 + 30_000);
    }

    /** As busy servers do while a safe connection is agreed on. */
    @Test
    void aHandshakeThatIsBrokenOffIsTriedAgain() throws IOException {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        try (Socket client = server.accept()) {
                            connections.incrementAndGet();
                            client.getInputStream().readNBytes(5 + 4); // some of the greeting
                        }
                    }
                } catch (IOException e) {
                    // the end of the test
                }
            });
            environment.put("HF_ENDPOINT", "https://localhost:" + server.getLocalPort());
            failed("the connection to localhost:", "gave up after 3 tries");
        }
        assertThat(connections).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void whatIsThereIsNotAskedForAgain() throws IOException {
        fetch();
        hub.requests.clear();
        assertFetched(fetch());
        assertThat(hub.requests).hasSize(1); // the commit's
        Files.delete(repository().resolve("snapshots").resolve(LocalHub.COMMIT).resolve(UNET));
        assertFetched(fetch());
        assertThat(hub.count("GET", "store")).isZero();
    }

    @Test
    void halfPrecisionIsTakenWhereItIsAskedFor() {
        hub.files.put("unet/diffusion_pytorch_model.fp16.safetensors", bytes(3000, 9));
        Path snapshot = client().fetch(REFERENCE, true, FetchListener.NONE);
        assertThat(snapshot.resolve("unet/diffusion_pytorch_model.fp16.safetensors"))
                .exists();
        assertThat(snapshot.resolve(UNET)).doesNotExist();
        assertThat(snapshot.resolve("vae/diffusion_pytorch_model.safetensors")).exists();
    }

    @Test
    void aRepositoryWithoutACheckpointIsRefusedBeforeAnythingIsDownloaded() {
        hub.files.keySet().removeIf(name -> name.endsWith(".safetensors"));
        assertThatThrownBy(this::fetch)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("unet/", "diffusion_pytorch_model.bin");
        assertThat(hub.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15_000, 29_999})
    @Fault(
            value = "the hub hangs up",
            by = "connections that end after some bytes",
            then = "the download goes on where it ended")
    void droppedConnectionsGoOnWhereTheyEnded(int after) throws IOException {
        hub.next("GET", "/" + UNET, hub.drop(UNET, after), hub.drop(UNET, after));
        assertFetched(fetch());
        assertThat(hub.sent.get()).isEqualTo(UNET_BYTES + 70_001 + 30_000 - 2L * after);
    }

    @Test
    void aServerThatHangsUpAgainAndAgainGetsThereAllTheSame() throws IOException {
        String file = "text_encoder/model.safetensors"; // one segment
        for (int i = 0; i < 2 * QUICK.tries(); i++) {
            hub.next("GET", "/" + file, hub.drop(file, 1000));
        }
        assertFetched(fetch());
    }

    @Test
    void aServerThatAlwaysHangsUpIsGivenUp() throws IOException {
        LocalHub.Fault drop = hub.drop(UNET, 0);
        for (int i = 0; i < 20; i++) {
            hub.next("GET", "/" + UNET, drop);
        }
        failed(UNET, "connection", "gave up after 3 tries", "kept");
    }

    @Test
    @Fault(value = "the hub sends no more", by = "a connection that stalls", then = "another takes its place")
    void aConnectionThatStallsIsReplaced() throws IOException {
        hub.next("GET", "/" + UNET, hub.stall(UNET, 10_000, 30_000));
        long start = System.nanoTime();
        assertFetched(fetch());
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
        assertThat(hub.sent.get()).isEqualTo(UNET_BYTES + 70_001 + 30_000 - 10_000);
    }

    @Test
    void aHubThatSaysNothingIsGivenUp() throws IOException {
        LocalHub.Fault silent = exchange -> {
            try {
                Thread.sleep(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        };
        hub.next("GET", listing(), silent, silent, silent);
        failed("sent nothing for 0.4 s");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void whatMayPassIsTriedAgain(int code) throws IOException {
        hub.next("GET", listing(), status(code));
        hub.next("HEAD", address(UNET), status(code), status(code));
        hub.next("GET", address(CONFIG), status(code), status(code));
        hub.next("GET", "/" + UNET, status(code), status(code));
        assertFetched(fetch());
    }

    @ParameterizedTest
    @CsvSource({"401, no such repository", "403, page", "404, no such repository", "418, expected 200", "500, gave up"})
    void whatDoesNotPassIsSaid(int code, String words) throws IOException {
        hub.next("GET", listing(), status(code), status(code), status(code), status(code));
        failed(LocalHub.REPOSITORY, String.valueOf(code), words);
        assertThat(hub.requests).hasSize(code == 500 ? 3 : 1);
    }

    @Test
    void aMissingRevisionIsNamed() throws IOException {
        hub.next("GET", listing(), status(404, "X-Error-Code", "RevisionNotFound"));
        failed("no such revision");
    }

    @Test
    void aBusyServerSaysHowLongToWait() throws IOException {
        hub.next("GET", "/" + UNET, status(429, "Retry-After", "1"));
        long start = System.nanoTime();
        assertFetched(fetch());
        assertThat(System.nanoTime() - start).isGreaterThan(900_000_000L);
        hub.next("GET", listing(), status(429, "Retry-After", "3600"));
        assertThatThrownBy(this::fetch).hasMessageContaining("3600 seconds");
        hub.next("GET", listing(), status(503, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"));
        assertFetched(fetch());
    }

    /** Else a user sees nothing for as long. */
    @Test
    void whatIsTriedAgainIsTold() {
        List<String> told = new CopyOnWriteArrayList<>();
        FetchListener listener = new FetchListener() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void failed(String what, String reason, Duration pause) {
                told.add(what + ": " + reason + ", " + pause.toMillis());
            }
        };
        hub.next("GET", listing(), status(503), status(429, "Retry-After", "1"));
        client().fetch(REFERENCE, false, listener);
        String host = hub.endpoint().getAuthority();
        assertThat(told)
                .containsExactly(
                        LocalHub.REPOSITORY + ": " + host + " answered 503, 5",
                        LocalHub.REPOSITORY + ": " + host + " answered 429, 1000");
    }

    @Test
    void aHostThatNobodyKnowsIsSaidToBeOne() throws IOException {
        environment.put("HF_ENDPOINT", "http://hub.invalid");
        failed("hub.invalid", "nobody knows that name");
    }

    @Test
    void aServerThatIgnoresRangesIsReadFromTheStart() throws IOException {
        hub.ranges = false;
        assertFetched(fetch());
    }

    @Test
    void aServerThatIgnoresRangesSendsAgainWhatIsThere() throws IOException {
        hub.ranges = false;
        hub.next("GET", "/" + UNET, exchange -> false, hub.drop(UNET, 100_000)); // for a segment, for the whole file
        new Hub(HubSettings.of(environment, folder), QUICK, new BlobDownload.Cut(30_000, 1))
                .fetch(REFERENCE, false, progress::add);
        assertFetched(fetch());
        assertThat(hub.requests.stream().filter(each -> each.path().equals("/" + UNET)))
                .hasSize(3);
        assertThat(progress.getLast().done()).isEqualTo(progress.getLast().total());
    }

    @Test
    void aResponseThatEndsEarlyIsContinued() throws IOException {
        LocalHub.Fault brief = exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-29999/30000");
            exchange.sendResponseHeaders(206, 0); // in chunks, the last of which is announced as such
            exchange.getResponseBody().write(hub.content("text_encoder/model.safetensors"), 0, 1000);
            return true;
        };
        hub.next("GET", "/text_encoder/model.safetensors", brief);
        assertFetched(fetch());
        assertThat(hub.sent.get()).isEqualTo(UNET_BYTES + 70_001 + 30_000 - 1000);
    }

    @ParameterizedTest
    @CsvSource({"199999", "200001", "1"})
    void aSizeThatIsNotTheHubsIsRefused(long size) throws IOException {
        hub.next("HEAD", address(UNET), hub.head(UNET, "X-Linked-Size", String.valueOf(size)));
        failed(UNET, String.valueOf(size), String.valueOf(UNET_BYTES));
    }

    @Test
    void moreThanWasAskedForIsRefused() throws IOException {
        LocalHub.Fault chatty = exchange -> {
            String asked = exchange.getRequestHeaders().getFirst("Range").replace('=', ' ');
            exchange.getResponseHeaders().set("Content-Range", asked + "/" + UNET_BYTES);
            exchange.sendResponseHeaders(206, 0);
            exchange.getResponseBody().write(new byte[50_000]);
            return true;
        };
        hub.next("GET", "/" + UNET, chatty, chatty, chatty);
        failed(UNET, "more than the", "that were asked for");
    }

    @Test
    @Fault(
            value = "a download is not what the hub says",
            by = "a hub that tells another hash",
            then = "a HubException; the file does not appear")
    void aWrongHashIsNeverShown() throws IOException {
        hub.next("HEAD", address(UNET), hub.head(UNET, "X-Linked-Etag", "\"" + "ab".repeat(32) + "\""));
        failed(UNET, "SHA-256", hub.hash(UNET), "ab".repeat(32));
        assertThat(repository().resolve("blobs")).isDirectoryNotContaining("glob:**.incomplete");
        assertThat(repository().resolve("blobs/" + "ab".repeat(32))).doesNotExist();
        hub.next(
                "HEAD",
                address(CONFIG),
                hub.head(CONFIG, "ETag", "\"" + "ab".repeat(20) + "\"", "Content-Length", "999"));
        failed(CONFIG, "SHA-1", hub.hash(CONFIG));
    }

    @Test
    void whatCannotBeCheckedIsNotDownloaded() throws IOException {
        hub.next("HEAD", address(UNET), hub.head(UNET, "X-Linked-Etag", "\"../../x\""));
        failed(UNET, "../../x", "expected");
        hub.next("HEAD", address(UNET), hub.head(UNET, "X-Repo-Commit", "f".repeat(40)));
        failed(UNET, "f".repeat(40), LocalHub.COMMIT);
        assertThat(hub.count("GET", "store")).isZero();
    }

    @Test
    void aPartThatOnlyLacksItsCheckIsNotDownloaded() throws IOException {
        Files.createDirectories(part(UNET).getParent());
        Files.write(part(UNET), hub.content(UNET));
        assertFetched(fetch());
        assertThat(hub.requests).noneMatch(each -> each.path().equals("/" + UNET));
    }

    @Test
    void aDamagedPartIsFoundOutAndDownloadedAnew() throws IOException {
        Files.createDirectories(part(UNET).getParent());
        Files.write(part(UNET), new byte[UNET_BYTES]); // as if finished, but wrong
        assertFetched(fetch());
        assertThat(progress).anyMatch(each -> each.stage() == Stage.CHECKING);
    }

    @Test
    @Fault(
            value = "the disk is too small for a checkpoint",
            by = "a hub that tells of a file of 900 TB",
            then = "a HubException that says how much is needed, before anything is downloaded")
    void aDiskThatIsTooSmallIsSaidBeforeAnythingIsDownloaded() throws IOException {
        hub.next("HEAD", address(UNET), hub.head(UNET, "X-Linked-Size", "900000000000000"));
        failed("900,000,001 MB", "free", "HF_HUB_CACHE");
        assertThat(hub.count("GET", "store")).isZero();
    }

    @Test
    void offlineTakesWhatIsThere() throws IOException {
        environment.put("HF_HUB_OFFLINE", "1");
        failed("HF_HUB_OFFLINE", LocalHub.REPOSITORY);
        environment.remove("HF_HUB_OFFLINE");
        Path snapshot = fetch();
        hub.requests.clear();
        environment.put("HF_HUB_OFFLINE", "YES");
        assertThat(fetch()).isEqualTo(snapshot);
        Files.delete(snapshot.resolve(UNET));
        assertThatThrownBy(this::fetch).hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void aHubOutOfReachIsNamed() throws IOException {
        hub.close();
        failed("connection", hub.endpoint().getAuthority());
    }

    @Test
    @Fault(
            value = "two download the same",
            by = "a lock that another holds",
            then = "the second waits, and finds it done")
    void anotherWhoDownloadsTheSameIsWaitedFor() throws Exception {
        byte[] content = hub.content(UNET);
        Path blob = repository().resolve("blobs").resolve(LocalHub.hash(content));
        Path lock = folder.resolve("home/hub/.locks/models--someone--lotus-depth-d-test")
                .resolve(LocalHub.hash(content) + ".lock");
        Files.createDirectories(lock.getParent());
        try (FileChannel other = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lockOfOther = other.lock();
            CompletableFuture<Path> fetched = CompletableFuture.supplyAsync(this::fetch);
            while (progress.stream().noneMatch(each -> each.stage() == Stage.WAITING)) {
                Thread.sleep(10);
            }
            Files.createDirectories(blob.getParent());
            Files.write(blob, content); // the other one's work
            assertThat(fetched).isNotDone();
            lockOfOther.release();
            assertFetched(fetched.get());
        }
        assertThat(hub.requests).noneMatch(each -> each.path().equals("/" + UNET));
    }

    @Test
    @Fault(
            value = "a download is interrupted",
            by = "interrupting its thread",
            then = "a CancellationException; the next call goes on from there")
    void anInterruptCancelsAndWhatWasDownloadedStays() throws Exception {
        hub.pauseNanos = 20_000_000;
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(() -> {
            try {
                fetch();
            } catch (CancellationException e) {
                thrown[0] = Thread.currentThread().isInterrupted() ? e : new AssertionError("not interrupted any more");
            }
        });
        thread.start();
        while (hub.sent.get() < 150_000) {
            Thread.sleep(1);
        }
        thread.interrupt();
        thread.join(5000);
        assertThat(thrown[0]).isInstanceOf(CancellationException.class);
        assertThat(repository().resolve("snapshots")).doesNotExist();
        hub.pauseNanos = 0;
        hub.sent.set(0);
        assertFetched(fetch());
        assertThat(hub.sent.get()).isLessThan(UNET_BYTES + 70_001 + 30_000 - 50_000);
    }

    @Test
    void aListenerThatFailsEndsTheDownload() {
        assertThatThrownBy(() -> client().fetch(REFERENCE, false, now -> {
                    if (now.done() > 100_000) {
                        throw new IllegalStateException("enough");
                    }
                }))
                .hasMessage("enough");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"sha\":\"main\"}", "{\"sha\":", "{\"siblings\":7}"})
    void nonsenseIsNoListing(String json) throws IOException {
        hub.next("GET", listing(), exchange -> {
            exchange.sendResponseHeaders(200, json.isEmpty() ? -1 : json.length());
            exchange.getResponseBody().write(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return true;
        });
        failed("the hub's answer");
    }
}
