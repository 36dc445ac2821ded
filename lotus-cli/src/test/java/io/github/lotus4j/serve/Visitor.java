package io.github.lotus4j.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** A browser, as far as a server sees it. */
public final class Visitor implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI page;

    public Visitor(URI page) {
        this.page = page;
    }

    public HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return ask("GET", path);
    }

    public HttpResponse<byte[]> ask(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return send(method, path, BodyPublishers.noBody(), headers);
    }

    public HttpResponse<byte[]> send(String method, String path, BodyPublisher body, String... headers)
            throws IOException, InterruptedException {
        return client.send(request(method, path, body, headers), BodyHandlers.ofByteArray());
    }

    /** An image is sent; what is told of it comes as long as it is read. */
    public EventStream predict(String name, byte[] image) throws IOException, InterruptedException {
        HttpRequest request = request("POST", path(name), BodyPublishers.ofByteArray(image));
        HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new AssertionError(
                    response.statusCode() + ": " + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
        }
        return new EventStream(response.body());
    }

    public static String path(String name) {
        return "predictions?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private HttpRequest request(String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(page.resolve(path)).method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    /** What no client would send. */
    Socket open(String text) throws IOException {
        Socket socket = new Socket(page.getHost(), page.getPort());
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** As {@link #open}, of a whole request; the whole answer. */
    String raw(String text) throws IOException {
        try (Socket socket = open(text)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
