package io.github.lotus4j.serve;

import java.util.Map;

/** A request that is answered with an error: its status, and the reason as the page shows it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** After which it is worth trying again, in seconds. */
    private static final String RETRY_AFTER = "10";

    private final int status;
    private final transient Map<String, String> headers;

    private Refusal(int status, String reason, Map<String, String> headers) {
        super(reason, null, false, false);
        this.status = status;
        this.headers = headers;
    }

    static Refusal badRequest(String reason) {
        return new Refusal(400, reason, Map.of());
    }

    static Refusal forbidden(String reason) {
        return new Refusal(403, reason, Map.of());
    }

    static Refusal notFound(String reason) {
        return new Refusal(404, reason, Map.of());
    }

    static Refusal wrongMethod(String found, String allowed) {
        return new Refusal(405, "found the method " + found + ", expected " + allowed, Map.of("Allow", allowed));
    }

    static Refusal tooLarge(String reason) {
        return new Refusal(413, reason, Map.of());
    }

    static Refusal noImage(String reason) {
        return new Refusal(415, reason, Map.of());
    }

    static Refusal failed(String reason) {
        return new Refusal(500, reason, Map.of());
    }

    static Refusal busy(String reason) {
        return new Refusal(503, reason, Map.of("Retry-After", RETRY_AFTER));
    }

    int status() {
        return status;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    /** Beside those of every answer. */
    Map<String, String> headers() {
        return headers;
    }
}
