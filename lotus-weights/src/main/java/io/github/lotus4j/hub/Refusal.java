package io.github.lotus4j.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What a server that does not give what was asked for means by it. */
final class Refusal {
    private static final String GRANT = "access must be granted first, on the repository's page";

    private static final String KEPT_BACK = "the hub sent us there without the token, which is for the hub alone; such"
            + " addresses expire (is the clock right?)";

    /** What a server knew of the user's token. */
    enum Token {
        SENT,
        NONE,
        /** It is the hub's, and another one answers. */
        KEPT_BACK
    }

    private Refusal() {}

    /**
     * @param what was asked for
     * @throws PassingFailure if another try may succeed
     * @throws HubException if not
     */
    static void requireGood(HttpResponse<?> response, String what, Token token) throws PassingFailure {
        int status = response.statusCode();
        String host = host(response.uri());
        switch (status) {
            case 401 ->
                throw new HubException(what + ": " + host + " answered 401: "
                        + switch (token) {
                            case SENT -> "it does not take the token, which HF_TOKEN or the token file holds";
                            case NONE -> "there is no such repository, or it needs a token (HF_TOKEN)";
                            case KEPT_BACK -> KEPT_BACK;
                        });
            case 403 ->
                throw new HubException(what + ": " + host + " answered 403: "
                        + switch (token) {
                            case SENT -> GRANT + "; the token was sent";
                            case NONE -> GRANT + "; no token was sent: HF_TOKEN is not set";
                            case KEPT_BACK -> KEPT_BACK;
                        });
            case 404 -> throw new HubException(what + ": " + host + " answered 404: " + missing(response.headers()));
            case 407 ->
                throw new HubException(what + ": the proxy wants a user and a password: HTTPS_PROXY=http://USER:"
                        + "PASSWORD@HOST:PORT; for https, Java must be told to send them,"
                        + " -Djdk.http.auth.tunneling.disabledSchemes=");
            case 408, 429, 500, 502, 503, 504 ->
                throw new PassingFailure(host + " answered " + status, retryAfter(response.headers()));
            default -> {
                if (status >= 300) {
                    throw new HubException(what + ": " + host + " answered " + status + ", expected 200 or 206");
                }
            }
        }
    }

    private static String missing(HttpHeaders headers) {
        return switch (headers.firstValue("X-Error-Code").orElse("")) {
            case "RevisionNotFound" -> "the repository has no such revision";
            case "EntryNotFound" -> "the repository has no such file";
            default -> "there is no such repository or revision";
        };
    }

    /** Seconds, or a date. RFC 9110, 10.2.3. */
    private static Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After").flatMap(Refusal::duration);
    }

    private static Optional<Duration> duration(String text) {
        try {
            Duration pause = text.strip().matches("\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(text.strip()))
                    : Duration.between(
                            Instant.now(), DateTimeFormatter.RFC_1123_DATE_TIME.parse(text.strip(), Instant::from));
            return Optional.of(pause.isNegative() ? Duration.ZERO : pause);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Without path and query, which may be signed: whoever has a signed address has the file. */
    static String host(URI uri) {
        return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }
}
