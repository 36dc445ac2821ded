package io.github.lotus4j.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A hub of one repository, and beside it the host that keeps its large files, both on this machine. Faults are queued for a
 * request, and each is used up by one.
 */
final class LocalHub implements AutoCloseable {
    static final String REPOSITORY = "someone/lotus-depth-d-test";
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String TOKEN = "hf_" + "secret";

    /** Larger files are kept by the other host. */
    static final int LARGE = 1000;

    /** What goes wrong; true where nothing is left to answer. */
    interface Fault {
        boolean answer(HttpExchange exchange) throws IOException;
    }

    /** A request that was sent. */
    record Request(String host, String method, String path, Map<String, String> headers) {}

    final Map<String, byte[]> files = new TreeMap<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();
    final AtomicLong sent = new AtomicLong();

    /** Of bytes of large files, a pause after each 16 KB. */
    volatile long pauseNanos;

    volatile boolean ranges = true;
    volatile @Nullable String requiredToken;

    private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer hub = serve("hub", this::answer);
    private final HttpServer store = serve("store", this::answerStore);

    private HttpServer serve(String host, Fault answers) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                try (exchange) {
                    Map<String, String> headers = exchange.getRequestHeaders().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, each -> each.getValue().getFirst()));
                    String path = exchange.getRequestURI().getRawPath();
                    requests.add(new Request(host, exchange.getRequestMethod(), path, headers));
                    Queue<Fault> queue = faults.get(exchange.getRequestMethod() + " " + path);
                    Fault fault = queue == null ? null : queue.poll();
                    if (fault == null || !fault.answer(exchange)) {
                        answers.answer(exchange);
                    }
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    URI storeAddress(String path) {
        return URI.create("http://127.0.0.1:" + store.getAddress().getPort() + "/" + path);
    }

    static String listing() {
        return "/api/models/" + REPOSITORY + "/revision/main";
    }

    static String address(String file) {
        return "/" + REPOSITORY + "/resolve/" + COMMIT + "/" + file;
    }

    /** The next such requests meet these faults, one each. */
    void next(String method, String path, Fault... fault) {
        Collections.addAll(faults.computeIfAbsent(method + " " + path, key -> new ConcurrentLinkedQueue<>()), fault);
    }

    static Fault status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /** Headers as they would be, but for these. */
    Fault head(String file, String... headers) {
        return exchange -> {
            describe(exchange, file);
            return status(headers.length > 0 && content(file).length > LARGE ? 302 : 200, headers)
                    .answer(exchange);
        };
    }

    /** Announces all, sends so many bytes of what was asked for, and hangs up. */
    Fault drop(String file, int after) {
        return exchange -> {
            long[] range = range(exchange, content(file).length);
            announce(exchange, content(file).length, range);
            exchange.getResponseBody().write(content(file), (int) range[0], (int) Math.min(after, range[1] - range[0]));
            exchange.getResponseBody().flush();
            return true;
        };
    }

    /** Sends so many bytes, and then nothing. */
    Fault stall(String file, int after, long millis) {
        return exchange -> {
            long[] range = range(exchange, content(file).length);
            announce(exchange, content(file).length, range);
            OutputStream out = exchange.getResponseBody();
            out.write(content(file), (int) range[0], after);
            out.flush();
            sleep(millis * 1_000_000);
            return true;
        };
    }

    private boolean answer(HttpExchange exchange) throws IOException {
        String token = requiredToken;
        if (token != null
                && !("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return status(401).answer(exchange);
        }
        String path = exchange.getRequestURI().getRawPath();
        String api = "/api/models/" + REPOSITORY + "/revision/";
        String prefix = "/" + REPOSITORY + "/resolve/" + COMMIT + "/";
        if (path.startsWith(api)) {
            String names = files.keySet().stream()
                    .map(name -> "{\"rfilename\":\"" + name + "\",\"size\":1}")
                    .collect(Collectors.joining(","));
            byte[] json = ("{\"id\":\"x\",\"config\":{\"a\":[1]},\"tags\":[\"lotus\",\"license:apache-2.0\"],\"sha\":\""
                            + COMMIT + "\",\"siblings\":[" + names + "]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, json.length);
            exchange.getResponseBody().write(json);
            return true;
        }
        String file = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        if (!files.containsKey(file)) {
            return status(404, "X-Error-Code", "EntryNotFound").answer(exchange);
        }
        describe(exchange, file);
        if (content(file).length > LARGE) {
            exchange.getResponseHeaders().set("Location", storeAddress(file).toString());
            exchange.sendResponseHeaders(302, -1);
        } else if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content(file).length));
            exchange.sendResponseHeaders(200, -1);
        } else {
            exchange.sendResponseHeaders(200, content(file).length);
            exchange.getResponseBody().write(content(file));
        }
        return true;
    }

    private void describe(HttpExchange exchange, String file) {
        byte[] bytes = content(file);
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (bytes.length > LARGE) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + hash(bytes) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(bytes.length));
            exchange.getResponseHeaders().set("ETag", "\"" + "0".repeat(32) + "\"");
        } else {
            exchange.getResponseHeaders().set("ETag", "W/\"" + hash(bytes) + "\"");
        }
    }

    private boolean answerStore(HttpExchange exchange) throws IOException {
        byte[] bytes = content(exchange.getRequestURI().getRawPath().substring(1));
        long[] range = range(exchange, bytes.length);
        announce(exchange, bytes.length, range);
        OutputStream out = exchange.getResponseBody();
        for (long at = range[0]; at < range[1]; at += 16_384) {
            int count = (int) Math.min(16_384, range[1] - at);
            out.write(bytes, (int) at, count);
            sent.addAndGet(count);
            if (pauseNanos > 0) {
                out.flush();
                sleep(pauseNanos);
            }
        }
        return true;
    }

    private long[] range(HttpExchange exchange, int size) {
        String asked = exchange.getRequestHeaders().getFirst("Range");
        if (asked == null || !ranges) {
            return new long[] {0, size};
        }
        String[] ends = asked.replace("bytes=", "").split("-", -1);
        return new long[] {Long.parseLong(ends[0]), Long.parseLong(ends[1]) + 1};
    }

    private void announce(HttpExchange exchange, int size, long[] range) throws IOException {
        boolean partial = ranges && exchange.getRequestHeaders().containsKey("Range");
        if (partial) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + range[0] + "-" + (range[1] - 1) + "/" + size);
        }
        exchange.sendResponseHeaders(partial ? 206 : 200, range[1] - range[0]);
    }

    private static void sleep(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SHA-256 of large files, git's of small ones; computed here without the code under test. */
    static String hash(byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(bytes.length > LARGE ? "SHA-256" : "SHA-1");
            if (bytes.length <= LARGE) {
                digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of a file that there is. */
    byte[] content(String file) {
        return Objects.requireNonNull(files.get(file), file);
    }

    String hash(String file) {
        return hash(content(file));
    }

    long count(String method, String host) {
        return requests.stream()
                .filter(each -> each.method.equals(method) && each.host.equals(host))
                .count();
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
