package io.github.lotus4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a visitor is told of a prediction; closing it is leaving. */
public final class EventStream implements AutoCloseable {
    /** A name, and what is with it. */
    public record Event(String name, JsonNode data) {}

    private final BufferedReader in;

    public EventStream(InputStream in) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Comments are passed over; empty at the end. */
    public Optional<Event> next() throws IOException {
        String name = "";
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                return Optional.of(new Event(name, new ObjectMapper().readTree(line.substring(6))));
            }
        }
        return Optional.empty();
    }

    /** All before the event of this name are passed over. */
    public JsonNode until(String name) throws IOException {
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            if (event.get().name().equals(name)) {
                return event.get().data();
            }
        }
        throw new AssertionError("the stream ended without " + name);
    }

    public List<Event> all() throws IOException {
        List<Event> events = new ArrayList<>();
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            events.add(event.get());
        }
        return events;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
