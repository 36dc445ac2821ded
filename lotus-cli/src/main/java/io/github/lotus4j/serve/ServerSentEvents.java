package io.github.lotus4j.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A stream of events, as the HTML standard has them: each a name and a line of JSON. */
final class ServerSentEvents implements AutoCloseable {
    static final String TYPE = "text/event-stream";

    private final OutputStream out;

    ServerSentEvents(OutputStream out) {
        this.out = out;
    }

    /** @throws IOException if nobody is there any more */
    void send(String event, Map<String, ?> data) throws IOException {
        write("event: " + event + "\ndata: " + Answer.json(data) + "\n\n");
    }

    /**
     * What clients pass over.
     *
     * @throws IOException if nobody is there any more
     */
    void sendComment() throws IOException {
        write(":\n\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
