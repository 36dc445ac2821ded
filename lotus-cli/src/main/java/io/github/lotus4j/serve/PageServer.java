package io.github.lotus4j.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.PredictionFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves a page that predicts what is dropped on it:
 *
 * <ul>
 *   <li>{@code GET /}, and what belongs to the page;
 *   <li>{@code GET /settings}: what is predicted, and what an image may be;
 *   <li>{@code POST /predictions?name=FILE}, an image as the body: answered by {@link JobEvents}; who ends the connection, cancels;
 *   <li>{@code DELETE /predictions/ID}: cancels it, or deletes its result;
 *   <li>{@code GET /predictions/ID/FILE}: one of its files.
 * </ul>
 *
 * <p>Each request has a virtual thread of its own, so that slow ones hold up no other. Nothing is written to disk. Thread-safe.
 */
public final class PageServer implements AutoCloseable {
    private static final String PREDICTIONS = "/predictions";

    /** At the same time: each may take as much memory as a file may have. */
    private static final int MOST_UPLOADS = 16;

    private static final int ID_BYTES = 16;
    private static final int LONGEST_NAME = 200;

    private static final Map<String, String> PAGE = Map.of(
            "/", "text/html; charset=utf-8", "/page.js", "text/javascript; charset=utf-8", "/page.css", "text/css");

    private final ServerSettings settings;
    private final Predictor predictor;
    private final PrintWriter log;
    private final SameOrigin origin;
    private final Results results;
    private final PredictionQueue queue;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Semaphore uploads = new Semaphore(MOST_UPLOADS);
    private final SecureRandom random = new SecureRandom();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("lotus-time-limits").factory());
    private final ResultFiles files = new ResultFiles(clock);
    private final HttpServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private PageServer(ServerSettings settings, Predictor predictor, PrintWriter log, HttpServer server) {
        this.settings = settings;
        this.predictor = predictor;
        this.log = log;
        this.server = server;
        InetAddress address = settings.address().getAddress();
        origin = address.isLoopbackAddress() ? SameOrigin.loopback(settings.host()) : SameOrigin.anyHost();
        results = new Results(settings.keptResults(), settings.keptBytes());
        queue = new PredictionQueue(predictor, results, settings.waiting(), log);
    }

    /**
     * Starts to serve, on threads of its own.
     *
     * @param log where failures are told that are not a visitor's
     * @throws LotusException if the address cannot be listened at
     */
    public static PageServer start(ServerSettings settings, Predictor predictor, PrintWriter log) {
        InetSocketAddress address = settings.address();
        HttpServer http;
        try {
            http = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new LotusException(
                    "cannot listen at %s, port %d: %s; take another port (--port), or 0 for any that is free"
                            .formatted(settings.host(), address.getPort(), e.getMessage()),
                    e);
        }
        PageServer server = new PageServer(settings, predictor, log, http);
        server.queue.start();
        http.setExecutor(server.threads);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    /** Where the page is, as a browser on this machine takes it. */
    public URI page() {
        InetAddress address = server.getAddress().getAddress();
        String host = address.isAnyLocalAddress() ? "localhost" : address.getHostAddress();
        int zone = host.indexOf('%');
        String plain = zone < 0 ? host : host.substring(0, zone);
        return URI.create("http://" + (plain.contains(":") ? "[" + plain + "]" : plain) + ":"
                + server.getAddress().getPort() + "/");
    }

    /** Left open where it fails: the server then ends the connection, by which a client knows that it has not all. */
    private void answer(HttpExchange exchange) throws IOException {
        Answer answer = new Answer(exchange);
        try {
            route(exchange, answer);
        } catch (Refusal e) {
            answer.send(e);
            if (!Answer.isHead(exchange)) { // after which all is closed
                discard(exchange.getRequestBody());
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the server is closing");
        } catch (RuntimeException | OutOfMemoryError e) {
            log.println("lotus: " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + ": unexpected " + e);
            throw new IOException(e);
        }
        exchange.close();
    }

    /** Who is still sending an image would not see the answer if the connection ended now. */
    private void discard(InputStream rest) throws IOException {
        long most = 4L * settings.upload().bytes();
        byte[] part = new byte[1 << 14];
        for (int count = rest.read(part); count > 0 && most > 0; count = rest.read(part)) {
            most -= count;
        }
    }

    private void route(HttpExchange exchange, Answer answer) throws IOException, Refusal, InterruptedException {
        String method = exchange.getRequestMethod();
        origin.check(exchange.getRequestHeaders(), !method.equals("GET"));
        String path = exchange.getRequestURI().getPath();
        String pageType = PAGE.get(path);
        if (pageType != null) {
            requireMethod(method, "GET");
            answer.send(200, pageType, resource(path.equals("/") ? "page.html" : path.substring(1)));
        } else if (path.equals("/settings")) {
            requireMethod(method, "GET");
            answer.send(200, "application/json", about());
        } else if (path.equals(PREDICTIONS)) {
            requireMethod(method, "POST");
            predict(exchange, answer);
        } else if (path.startsWith(PREDICTIONS + "/")) {
            String rest = path.substring(PREDICTIONS.length() + 1);
            int slash = rest.indexOf('/');
            requireMethod(method, slash < 0 ? "DELETE" : "GET");
            if (slash < 0) {
                delete(rest);
                answer.sendNothing();
            } else {
                files.send(file(rest.substring(0, slash), rest.substring(slash + 1)), answer);
            }
        } else {
            throw Refusal.notFound("there is no " + path);
        }
    }

    private static void requireMethod(String found, String expected) throws Refusal {
        if (!found.equals(expected)) {
            throw Refusal.wrongMethod(found, expected);
        }
    }

    private Map<String, Object> about() {
        Map<String, Object> about = new HashMap<>(predictor.about());
        about.put("bytes", settings.upload().bytes());
        about.put("pixels", settings.upload().pixels());
        return about;
    }

    private void predict(HttpExchange exchange, Answer answer) throws IOException, Refusal, InterruptedException {
        String name = name(exchange.getRequestURI());
        queue.requireRoom();
        Job job = new Job(id(), name, upload(exchange, name));
        jobs.put(job.id(), job);
        try {
            queue.add(job);
            try (ServerSentEvents events = new ServerSentEvents(answer.begin(ServerSentEvents.TYPE))) {
                JobEvents.tell(job, events);
            }
        } finally {
            jobs.remove(job.id());
            queue.cancel(job); // which changes nothing where it has ended
        }
    }

    private byte[] upload(HttpExchange exchange, String name) throws IOException, Refusal {
        if (!uploads.tryAcquire()) {
            throw Refusal.busy(MOST_UPLOADS + " images are being sent, which is all that may; try again later");
        }
        try {
            byte[] file = settings.upload()
                    .read(
                            exchange.getRequestBody(),
                            exchange.getRequestHeaders().getFirst("Content-Length"));
            settings.upload().check(name, file);
            return file;
        } finally {
            uploads.release();
        }
    }

    /** What the image's file is called: the last part of a path. */
    private static String name(URI uri) throws Refusal {
        String query = uri.getRawQuery();
        String found = query != null && query.startsWith("name=") ? decoded(query.substring(5)) : "";
        String leaf = found.substring(Math.max(found.lastIndexOf('/'), found.lastIndexOf('\\')) + 1)
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        if (leaf.isEmpty() || leaf.length() > LONGEST_NAME) {
            throw Refusal.badRequest("name: found " + leaf.length()
                    + " characters, expected an image file's name of 1 to " + LONGEST_NAME);
        }
        return leaf;
    }

    private static String decoded(String text) throws Refusal {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("name: " + e.getMessage());
        }
    }

    private String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private void delete(String id) throws Refusal {
        Job job = jobs.get(id);
        if (job != null) {
            queue.cancel(job);
        }
        if (!results.remove(id) && job == null) {
            throw gone();
        }
    }

    private PredictionFile file(String id, String name) throws Refusal {
        return results.get(id).orElseThrow(PageServer::gone).files().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.notFound("the prediction has no file " + name));
    }

    private static Refusal gone() {
        return Refusal.notFound(
                "there is no such prediction; it may have been deleted, or newer ones have taken its place");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = PageServer.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("the command's own " + name + " is missing");
            }
            return in.readAllBytes();
        }
    }

    /** Ends all connections, cancels all predictions, and waits for the end of both. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        server.stop(0);
        threads.shutdownNow();
        clock.shutdownNow();
        queue.close();
        threads.close();
        clock.close();
    }
}
