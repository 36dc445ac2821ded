package io.github.lotus4j.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.error.LotusException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as the server gets them, friendly ones and others. */
class RequestsTest extends PageServerCase {
    private static final String POST = "POST /predictions?name=a.png HTTP/1.1\r\nHost: localhost\r\n";

    /** An image of which the rest does not come. */
    private static final String UNFINISHED = POST + "Content-Length: 100\r\n\r\nabc";

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
            assertThat(events.until("failed").get("reason").asText()).contains("a.png is cut short");
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
    void requestsThatNeverEndHoldUpNoOther() throws IOException, InterruptedException {
        try (Socket _ = visitor.open("");
                Socket _ = visitor.open("GET / HTTP/1.1\r\nHo");
                Socket _ = visitor.open(UNFINISHED);
                Socket unread = visitor.open(POST + "Content-Length: " + IMAGE.length + "\r\n\r\n")) {
            unread.getOutputStream().write(IMAGE);
            predictor.begun.acquire();
            predictor.mayEnd.release();
            assertThat(predicted("b.png")).isNotEmpty();
        }
    }

    /** Each may be as large as a file may. */
    @Test
    void soManyImagesAreSentAtATime() throws IOException, InterruptedException {
        List<Socket> senders = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                senders.add(visitor.open(UNFINISHED));
            }
            HttpResponse<byte[]> answer = post(new byte[0]);
            while (answer.statusCode() == 415) { // some have not begun, or met this one and were refused
                assertThat(senders).hasSizeLessThan(200);
                senders.add(visitor.open(UNFINISHED));
                answer = post(new byte[0]);
            }
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(error(answer)).contains("16 images are being sent");
        } finally {
            for (Socket each : senders) {
                each.close();
            }
        }
        while (post(new byte[0]).statusCode() == 503) { // until the server has seen that they are gone
            Thread.onSpinWait();
        }
        assertThat(predicted("b.png")).isNotEmpty();
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
