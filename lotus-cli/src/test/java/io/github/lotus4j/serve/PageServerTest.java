package io.github.lotus4j.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.error.LotusException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server as visitors meet it, friendly ones and others, with predictions that take as long as a test likes. */
class PageServerTest {
    private static final int BYTES = 4000;
    private static final int PIXELS = 10_000;
    private static final int WAITING = 2;
    private static final byte[] IMAGE = png(20, 10);

    private final GatedPredictor predictor = new GatedPredictor();
    private final StringWriter log = new StringWriter();
    private final InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private final PageServer server = PageServer.start(
            new ServerSettings(
                    anyPort, "127.0.0.1", new UploadLimits(BYTES, PIXELS), WAITING, 3, 10 * GatedPredictor.BYTES),
            predictor,
            new PrintWriter(log, true));
    private final Visitor visitor = new Visitor(server.page());

    @AfterEach
    void close() {
        visitor.close();
        server.close();
    }

    private static byte[] png(int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static String error(HttpResponse<byte[]> response) throws IOException {
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return new ObjectMapper().readTree(response.body()).get("error").asText();
    }

    private HttpResponse<byte[]> post(byte[] image, String... headers) throws IOException, InterruptedException {
        return visitor.send("POST", Visitor.path("a.png"), BodyPublishers.ofByteArray(image), headers);
    }

    /** @return its id, when it is done */
    private String predicted(String name) throws IOException, InterruptedException {
        predictor.mayEnd.release();
        try (EventStream events = visitor.predict(name, IMAGE)) {
            String id = events.until("accepted").get("id").asText();
            events.until("done");
            return id;
        }
    }

    private static String host(String name) {
        return "GET /settings HTTP/1.1\r\nConnection: close\r\n" + name + "\r\n\r\n";
    }

    @Test
    void thePageTakesNothingFromElsewhere() throws IOException, InterruptedException {
        for (String path : new String[] {"", "page.js", "page.css"}) {
            HttpResponse<byte[]> answer = visitor.get(path);
            String text = new String(answer.body(), StandardCharsets.UTF_8);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(text).doesNotContain("http:", "https:", "//cdn");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy"))
                    .contains("same-origin");
            assertThat(answer.headers().map().keySet()).noneMatch(each -> each.startsWith("access-control"));
        }
        JsonNode settings = new ObjectMapper().readTree(visitor.get("settings").body());
        assertThat(settings.get("bytes").asInt()).isEqualTo(BYTES);
        assertThat(settings.get("pixels").asInt()).isEqualTo(PIXELS);
        assertThat(settings.get("note").asText()).isEqualTo("gated");
    }

    @Test
    void whatIsToldComesInOrder() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE);
                EventStream second = visitor.predict("second.png", IMAGE)) {
            List<EventStream.Event> events = new ArrayList<>();
            events.add(second.next().orElseThrow());
            events.add(second.next().orElseThrow());
            predictor.mayEnd.release();
            while (!events.getLast().name().equals("running")) {
                events.add(second.next().orElseThrow());
            }
            predictor.mayEnd.release();
            events.addAll(second.all());
            assertThat(events.getFirst().name()).isEqualTo("accepted");
            assertThat(events.getLast().name()).isEqualTo("done");
            assertThat(events.getLast().data().get("name").asText()).isEqualTo("second.png");
            assertThat(events.getLast().data().get("files").get(0).asText()).isEqualTo("good.npy");
            List<EventStream.Event> between = events.subList(1, events.size() - 1);
            List<String> names = between.stream().map(EventStream.Event::name).toList();
            assertThat(names).containsOnly("waiting", "running");
            assertThat(names).isSortedAccordingTo((a, b) -> b.compareTo(a)); // waiting comes first
            assertThat(between.stream()
                            .filter(each -> each.name().equals("running"))
                            .map(each -> each.data().get("fraction").asDouble()))
                    .isSorted();
            assertThat(first.all().getLast().name()).isEqualTo("done");
        }
        assertThat(predictor.seen).containsExactly("first.png", "second.png");
    }

    @Test
    void imagesThatWaitAreToldTheirPlaces() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE)) {
            first.until("running");
            try (EventStream second = visitor.predict("second.png", IMAGE);
                    EventStream third = visitor.predict("third.png", IMAGE)) {
                assertThat(second.until("waiting").get("ahead").asInt()).isEqualTo(1);
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(2);
                predictor.mayEnd.release();
                second.until("running");
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(1);
            }
        }
    }

    @Test
    void tooLargeFilesAreRefused() throws IOException, InterruptedException {
        byte[] large = Arrays.copyOf(IMAGE, BYTES + 1);
        assertThat(post(large).statusCode()).isEqualTo(413);
        assertThat(error(post(large))).contains("4001 bytes", "at most 4000");
        HttpResponse<byte[]> chunked = visitor.send(
                "POST",
                Visitor.path("a.png"),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[3 * BYTES])));
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(error(chunked)).contains("more than 4000 bytes");
    }

    /** The image is but a header: it could not be decoded. */
    @Test
    void tooManyPixelsAreRefusedBeforeTheyAreDecoded() throws IOException, InterruptedException {
        byte[] header = Arrays.copyOf(png(1, 1), 33);
        ByteBuffer.wrap(header).putInt(16, 101).putInt(20, 100);
        HttpResponse<byte[]> answer = post(header);
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(error(answer)).contains("a.png: found 101×100 pixels, expected at most 10000");
        ByteBuffer.wrap(header).putInt(16, 100);
        try (EventStream events = visitor.predict("a.png", header)) {
            assertThat(events.until("failed").get("reason").asText()).contains("a.png cannot be decoded");
        }
        assertThat(predictor.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no image", "GIF89a"})
    void whatIsNoImageIsRefused(String content) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = post(content.getBytes(StandardCharsets.US_ASCII));
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(error(answer)).startsWith("a.png ");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, '', GET",
        "HEAD, page.js, GET",
        "DELETE, settings, GET",
        "GET, predictions?name=a, POST",
        "PUT, predictions/x, DELETE",
        "DELETE, predictions/x/y, GET"
    })
    void wrongMethodsAreToldTheRightOne(String method, String path, String allowed)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = visitor.ask(method, path);
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "page.html", "predictions/x/y.npy", "..%2f..%2fpom.xml", "predictions/../x"})
    void unknownPaths(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = visitor.get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(error(answer)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"predictions", "predictions?name=", "predictions?name=a%2F", "predictions?other=a.png"})
    void imagesWithoutANameAreRefused(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = visitor.send("POST", path, BodyPublishers.ofByteArray(IMAGE));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(error(answer)).contains("name: found 0 characters");
    }

    @Test
    void otherHostsAreForeign() throws IOException {
        assertThat(visitor.raw(host("Host: localhost:1234"))).startsWith("HTTP/1.1 200");
        assertThat(visitor.raw(host("Host: [::1]"))).startsWith("HTTP/1.1 200");
        assertThat(visitor.raw(host("Host: LOCALHOST"))).startsWith("HTTP/1.1 200");
        for (String foreign : new String[] {
            "rebound.example",
            "rebound.example:" + server.page().getPort(),
            "localhost.rebound.example",
            "127.0.0.1.nip"
        }) {
            assertThat(visitor.raw(host("Host: " + foreign)))
                    .startsWith("HTTP/1.1 403")
                    .contains(foreign);
        }
        assertThat(visitor.raw(host("Accept: x"))).startsWith("HTTP/1.1 400");
        assertThat(visitor.raw(host("Host: localhost\r\nHost: localhost"))).startsWith("HTTP/1.1 400");
    }

    @Test
    void otherSitesMayNotChangeAnything() throws IOException, InterruptedException {
        String own = server.page().toString().replaceAll("/$", "");
        String otherPort = own.replaceAll(":\\d+$", ":1");
        for (String[] headers : new String[][] {
            {"Origin", "http://elsewhere.example"},
            {"Origin", otherPort},
            {"Origin", "null"},
            {"Origin", "not an origin"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"},
            {"Sec-Fetch-Site", "none"},
            {"Origin", own, "Sec-Fetch-Site", "cross-site"}
        }) {
            assertThat(post(IMAGE, headers).statusCode())
                    .as(String.join(" ", headers))
                    .isEqualTo(403);
            assertThat(visitor.ask("DELETE", "predictions/x", headers).statusCode())
                    .isEqualTo(403);
        }
        assertThat(predictor.seen).isEmpty();
        assertThat(visitor.ask("DELETE", "predictions/x", "Origin", own, "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void whenTheQueueIsFullVisitorsAreToldToComeAgain() throws IOException, InterruptedException {
        List<EventStream> streams = new ArrayList<>();
        streams.add(visitor.predict("running.png", IMAGE));
        streams.getFirst().until("running");
        for (int i = 0; i < WAITING; i++) {
            streams.add(visitor.predict(i + ".png", IMAGE));
        }
        HttpResponse<byte[]> answer = post(IMAGE);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("10");
        assertThat(error(answer)).contains("2 images wait already");
        predictor.mayEnd.release(2);
        streams.get(1).until("done"); // the next has begun, and a place is free
        streams.get(2).until("running");
        streams.add(visitor.predict("again.png", IMAGE));
        for (EventStream each : streams) {
            each.close();
        }
    }

    @Test
    void whatWaitsOrRunsIsCancelled() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE)) {
            String firstId = first.until("accepted").get("id").asText();
            first.until("running");
            try (EventStream second = visitor.predict("second.png", IMAGE);
                    EventStream third = visitor.predict("third.png", IMAGE)) {
                String secondId = second.until("accepted").get("id").asText();
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(2);
                assertThat(visitor.ask("DELETE", "predictions/" + secondId).statusCode())
                        .isEqualTo(204);
                assertThat(second.all().getLast().name()).isEqualTo("cancelled");
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(1);
                assertThat(visitor.ask("DELETE", "predictions/" + firstId).statusCode())
                        .isEqualTo(204);
                assertThat(first.all().getLast().name()).isEqualTo("cancelled");
                predictor.mayEnd.release();
                third.until("done");
            }
            assertThat(visitor.ask("DELETE", "predictions/" + firstId).statusCode())
                    .isEqualTo(404);
        }
        assertThat(predictor.seen).containsExactly("first.png", "third.png");
    }

    @Test
    void whoLeavesCancels() throws IOException, InterruptedException {
        EventStream running = visitor.predict("running.png", IMAGE);
        running.until("running");
        EventStream waiting = visitor.predict("waiting.png", IMAGE);
        waiting.until("waiting");
        try (EventStream stays = visitor.predict("stays.png", IMAGE)) {
            assertThat(stays.until("waiting").get("ahead").asInt()).isEqualTo(2);
            waiting.close();
            assertThat(stays.until("waiting").get("ahead").asInt()).isEqualTo(1);
            running.close();
            predictor.cancelled.acquire();
            predictor.mayEnd.release();
            stays.until("done");
        }
        assertThat(predictor.seen).containsExactly("running.png", "stays.png");
    }

    @Test
    void theOldestResultsGoFirst() throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(predicted(i + ".png"));
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(each -> each.matches("[\\w-]{22}"));
        for (int i = 0; i < 5; i++) {
            HttpResponse<byte[]> answer = visitor.get("predictions/" + ids.get(i) + "/good.npy");
            assertThat(answer.statusCode()).isEqualTo(i < 2 ? 404 : 200);
            assertThat(answer.body())
                    .satisfies(body -> assertThat(new String(body, StandardCharsets.UTF_8))
                            .contains(answer.statusCode() == 404 ? "no such prediction" : ".png"));
        }
        assertThat(visitor.ask("DELETE", "predictions/" + ids.get(3)).statusCode())
                .isEqualTo(204);
        assertThat(visitor.get("predictions/" + ids.get(3) + "/good.npy").statusCode())
                .isEqualTo(404);
        assertThat(visitor.get("predictions/" + ids.get(4) + "/good.npy").statusCode())
                .isEqualTo(200);
    }

    @Test
    void resultsTakeNoMoreMemoryThanTheyMay() {
        Results results = new Results(10, 100);
        results.add("a", new Predictor.Prediction("a", "depth", List.of(), 60));
        results.add("b", new Predictor.Prediction("b", "depth", List.of(), 40));
        assertThat(results.get("a")).isPresent();
        results.add("c", new Predictor.Prediction("c", "depth", List.of(), 50));
        assertThat(results.get("a")).isEmpty();
        assertThat(results.get("b")).isPresent();
        assertThatThrownBy(() -> results.add("d", new Predictor.Prediction("d", "depth", List.of(), 101)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("d: its results take 101 bytes");
        assertThat(Stream.of("b", "c")).allMatch(each -> results.get(each).isPresent());
        assertThat(results.remove("b")).isTrue();
        assertThat(results.remove("b")).isFalse();
        results.add("e", new Predictor.Prediction("e", "depth", List.of(), 50));
        assertThat(results.get("c")).isPresent();
    }

    @Test
    void whatGoesWrongIsTold() throws IOException, InterruptedException {
        predictor.mayEnd.release(2);
        try (EventStream refused = visitor.predict("refused.png", IMAGE)) {
            assertThat(refused.until("failed").get("reason").asText())
                    .isEqualTo("refused.png: found this, expected that");
        }
        assertThat(log.toString()).isEmpty();
        try (EventStream broken = visitor.predict("broken.png", IMAGE)) {
            assertThat(broken.until("failed").get("reason").asText()).contains("unexpected", "broken");
        }
        assertThat(log.toString()).contains("lotus: unexpected java.lang.IllegalStateException: broken");
        predicted("good.png");
    }

    @Test
    void filesAreWholeOrVisiblyNot() throws IOException, InterruptedException {
        String at = "predictions/" + predicted("a.png") + "/";
        HttpResponse<byte[]> good = visitor.get(at + "good.npy");
        assertThat(good.body()).asString(StandardCharsets.UTF_8).isEqualTo("a.png");
        assertThat(good.headers().firstValue("Content-Disposition")).contains("attachment; filename*=UTF-8''good.npy");
        HttpResponse<byte[]> shown = visitor.get(at + "a%20b*%C3%BC.html");
        assertThat(shown.headers().firstValue("Content-Disposition"))
                .contains("inline; filename*=UTF-8''a%20b%2A%C3%BC.html");
        assertThat(shown.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("sandbox allow-scripts;")
                .doesNotContain("allow-same-origin");
        HttpResponse<byte[]> early = visitor.get(at + "early.glb");
        assertThat(early.statusCode()).isEqualTo(500);
        assertThat(error(early)).contains("early.glb: no points");
        assertThatThrownBy(() -> visitor.get(at + "late.obj")).isInstanceOf(IOException.class);
        assertThat(visitor.get(at + "other.npy").statusCode()).isEqualTo(404);
    }

    @Test
    void requestsThatNeverEndHoldUpNoOther() throws IOException, InterruptedException {
        String post = "POST /predictions?name=a.png HTTP/1.1\r\nHost: localhost\r\n";
        try (Socket _ = visitor.open("");
                Socket _ = visitor.open("GET / HTTP/1.1\r\nHo");
                Socket _ = visitor.open(post + "Content-Length: 100\r\n\r\nabc");
                Socket unread = visitor.open(post + "Content-Length: " + IMAGE.length + "\r\n\r\n")) {
            unread.getOutputStream().write(IMAGE);
            predictor.begun.acquire();
            predictor.mayEnd.release();
            assertThat(predicted("b.png")).isNotEmpty();
        }
    }

    @Test
    void closingEndsWhatIsOpen() throws Exception {
        Socket halfHeader = visitor.open("GET / HTTP/1.1\r\nHo");
        Socket halfBody = visitor.open(
                "POST /predictions?name=a.png HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
        EventStream running = visitor.predict("running.png", IMAGE);
        running.until("running");
        EventStream waiting = visitor.predict("waiting.png", IMAGE);
        waiting.until("waiting");
        server.close();
        assertThat(predictor.cancelled.tryAcquire()).isTrue();
        for (Socket each : List.of(halfHeader, halfBody)) {
            assertThat(each.getInputStream().read()).isEqualTo(-1);
            each.close();
        }
        for (EventStream each : List.of(running, waiting)) {
            assertThatThrownBy(each::all).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> visitor.get("")).isInstanceOf(IOException.class);
        server.close();
        List<String> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .toList();
        assertThat(threads).doesNotContain("HTTP-Dispatcher", "lotus-predict", "lotus-time-limits");
        assertThat(predictor.seen).containsExactly("running.png");
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        InetSocketAddress taken =
                new InetSocketAddress(anyPort.getAddress(), server.page().getPort());
        ServerSettings settings =
                new ServerSettings(taken, "127.0.0.1", new UploadLimits(BYTES, PIXELS), WAITING, 3, 1000);
        assertThatThrownBy(() -> PageServer.start(settings, predictor, new PrintWriter(log)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("127.0.0.1, port " + taken.getPort());
    }
}
