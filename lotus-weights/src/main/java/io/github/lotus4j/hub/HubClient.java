package io.github.lotus4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Sends requests to the hub, and follows where it sends them: large files lie with others, to whom the token is not shown.
 * Thread-safe.
 */
final class HubClient implements AutoCloseable {
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final HubSettings settings;
    private final Patience patience;
    private final HttpClient http;

    HubClient(HubSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // a connection each, instead of sharing one's window
                .followRedirects(HttpClient.Redirect.NEVER) // it would take the token along
                .connectTimeout(patience.connect())
                .proxy(settings.proxies());
        settings.proxies().authenticator().ifPresent(builder::authenticator);
        http = builder.build();
    }

    /** An address below the endpoint. */
    URI resolve(String path) {
        return URI.create(settings.endpoint() + path);
    }

    /**
     * Asks for headers.
     *
     * @param enough takes each response on the way; where it says so, the rest of the way is not gone
     */
    void head(URI uri, String what, Predicate<HttpResponse<?>> enough) throws PassingFailure {
        follow("HEAD", uri, Map.of(), what, new Transfer(new NoBody()), enough);
    }

    /** Asks for a file, or with a Range header for a part of it. */
    void get(URI uri, Map<String, String> headers, String what, Body body) throws PassingFailure {
        follow("GET", uri, headers, what, new Transfer(body), response -> false);
    }

    private void follow(
            String method,
            URI start,
            Map<String, String> headers,
            String what,
            Transfer transfer,
            Predicate<HttpResponse<?>> enough)
            throws PassingFailure {
        URI uri = start;
        boolean atHome = true;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            atHome &= sameOrigin(uri, settings.endpoint());
            boolean withToken = atHome && settings.token().isPresent();
            HttpResponse<Long> response = send(request(method, uri, headers, withToken), transfer, what);
            boolean redirect = REDIRECTS.contains(response.statusCode());
            if (!redirect) {
                Refusal.requireGood(
                        response,
                        what,
                        withToken ? Refusal.Token.SENT : atHome ? Refusal.Token.NONE : Refusal.Token.KEPT_BACK);
            }
            if (enough.test(response) || !redirect) {
                return;
            }
            uri = target(uri, response.headers().firstValue("Location"), what);
        }
        throw new HubException(what + ": " + Refusal.host(start) + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private HttpRequest request(String method, URI uri, Map<String, String> headers, boolean withToken) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        request.header("User-Agent", "lotus4j");
        request.header("Accept-Encoding", "identity"); // sizes and ranges are the file's own
        headers.forEach(request::header);
        if (withToken) {
            request.header("Authorization", "Bearer " + settings.token().orElseThrow());
        }
        return request.build();
    }

    /** Scheme, host and port, as RFC 6454 has it. */
    static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** Where a redirect leads; never from https to what others can read. */
    static URI target(URI from, Optional<String> location, String what) {
        try {
            URI target = from.resolve(location.orElseThrow(() -> new IllegalArgumentException("none")));
            boolean web = "https".equals(target.getScheme())
                    || ("http".equals(target.getScheme()) && "http".equals(from.getScheme()));
            if (web && target.getHost() != null) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            // no address: said below
        }
        throw new HubException(what + ": " + Refusal.host(from)
                + " redirects to something else than an address as safe as its own (" + from.getScheme() + ")");
    }

    private HttpResponse<Long> send(HttpRequest request, Transfer transfer, String what) throws PassingFailure {
        transfer.sent();
        CompletableFuture<HttpResponse<Long>> exchange = http.sendAsync(request, transfer);
        long glance = Math.max(1, patience.stall().toMillis() / 4);
        try {
            while (true) {
                try {
                    return exchange.get(glance, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (transfer.idle().compareTo(patience.stall()) > 0) {
                        throw new PassingFailure(
                                Refusal.host(request.uri()) + " sent nothing for "
                                        + patience.stall().toMillis() / 1000.0 + " s",
                                e);
                    }
                }
            }
        } catch (InterruptedException e) {
            throw Retries.cancelled();
        } catch (ExecutionException e) {
            throw failed(request.uri(), transfer, what, e.getCause() == null ? e : e.getCause());
        } finally {
            exchange.cancel(true);
        }
    }

    private static PassingFailure failed(URI uri, Transfer transfer, String what, Throwable cause) {
        Exception own = transfer.failure().orElse(null);
        if (own instanceof RuntimeException e) {
            throw e;
        }
        if (own != null) {
            throw new HubException(what + ": cannot be written: " + own.getMessage(), own);
        }
        String reason = reason(cause);
        if (cause instanceof SSLException && isOfCertificates(cause)) { // a dropped handshake is one, too
            throw new HubException(what + ": no safe connection to " + Refusal.host(uri) + ": " + reason, cause);
        }
        if (cause instanceof IOException && isOfPasswords(reason)) {
            throw new HubException(
                    what + ": the proxy does not take the user and password of its address, or " + Refusal.host(uri)
                            + " wants a token (HF_TOKEN): " + reason,
                    cause);
        }
        if (cause instanceof IOException) {
            return new PassingFailure("the connection to " + Refusal.host(uri) + " failed: " + reason, cause);
        }
        throw new HubException(what + ": " + reason, cause);
    }

    /** Java's client tells of a name that nobody knows, and of some others, without a word. */
    private static String reason(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException) {
                return "nobody knows that name; is this machine online?";
            }
            if (each.getMessage() != null) {
                return each.getMessage();
            }
        }
        return cause.getClass().getSimpleName();
    }

    /**
     * Whether it was about who asks, as Java's client says it where it has a proxy's password: more tries could lock an account.
     */
    private static boolean isOfPasswords(String reason) {
        return reason.startsWith("too many authentication attempts")
                || reason.contains("-Authenticate header missing")
                || reason.equals("No credentials provided");
    }

    /** Whether whom one talks to is not who it should be, which another try does not change. */
    private static boolean isOfCertificates(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof GeneralSecurityException || each instanceof SSLPeerUnverifiedException) {
                return true;
            }
        }
        return false;
    }

    /** Ends all exchanges. */
    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
