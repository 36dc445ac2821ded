package io.github.lotus4j.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What is sent back, with the headers that every answer has: no site but this may use it, and nobody keeps it. */
final class Answer {
    /** The page takes nothing from elsewhere, and is nobody's part. */
    private static final String PAGE_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:"
                    + " data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpExchange exchange;

    Answer(HttpExchange exchange) {
        this.exchange = exchange;
        Headers headers = exchange.getResponseHeaders();
        headers.set("Cache-Control", "no-store");
        headers.set("Content-Security-Policy", PAGE_POLICY);
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
    }

    /** To which an answer has no content. */
    static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    /** JSON's text. */
    static String json(Object value) {
        try {
            return new ObjectMapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // maps, lists, text and numbers can always be written
        }
    }

    Answer header(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
        return this;
    }

    void send(Refusal refusal) throws IOException {
        refusal.headers().forEach(this::header);
        send(refusal.status(), "application/json", Map.of("error", refusal.reason()));
    }

    void send(int status, String type, Map<String, ?> value) throws IOException {
        send(status, type, json(value).getBytes(StandardCharsets.UTF_8));
    }

    /** @param content not empty */
    void send(int status, String type, byte[] content) throws IOException {
        header("Content-Type", type);
        if (isHead(exchange)) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, content.length);
        OutputStream out = exchange.getResponseBody();
        out.write(content);
        out.flush(); // before the rest of a request is read
    }

    void sendNothing() throws IOException {
        exchange.sendResponseHeaders(204, -1);
    }

    /** An answer whose length is not known; a client knows by its end that it is whole. */
    OutputStream begin(String type) throws IOException {
        header("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }
}
