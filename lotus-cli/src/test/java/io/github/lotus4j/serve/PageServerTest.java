package io.github.lotus4j.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Predictions as visitors see them: in turn, cancelled, kept, and ended with the server. */
class PageServerTest extends PageServerCase {
    @Test
    void whatIsToldComesInOrder() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE);
                EventStream second = visitor.predict("second.png", IMAGE)) {
            List<EventStream.Event> events = new ArrayList<>();
            events.add(second.next().orElseThrow());
            events.add(second.next().orElseThrow());
            predictor.mayEnd.release();
            while (!events.getLast().name().equals("running")) {
                events.add(second.next().orElseThrow());
            }
            predictor.mayEnd.release();
            events.addAll(second.all());
            assertThat(events.getFirst().name()).isEqualTo("accepted");
            assertThat(events.getLast().name()).isEqualTo("done");
            assertThat(events.getLast().data().get("name").asText()).isEqualTo("second.png");
            assertThat(events.getLast().data().get("files").get(0).asText()).isEqualTo("good.npy");
            List<EventStream.Event> between = events.subList(1, events.size() - 1);
            List<String> names = between.stream().map(EventStream.Event::name).toList();
            assertThat(names).containsOnly("waiting", "running");
            assertThat(names).isSortedAccordingTo((a, b) -> b.compareTo(a)); // waiting comes first
            assertThat(between.stream()
                            .filter(each -> each.name().equals("running"))
                            .map(each -> each.data().get("fraction").asDouble()))
                    .isSorted();
            assertThat(first.all().getLast().name()).isEqualTo("done");
        }
        assertThat(predictor.seen).containsExactly("first.png", "second.png");
    }

    @Test
    void imagesThatWaitAreToldTheirPlaces() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE)) {
            first.until("running");
            try (EventStream second = visitor.predict("second.png", IMAGE);
                    EventStream third = visitor.predict("third.png", IMAGE)) {
                assertThat(second.until("waiting").get("ahead").asInt()).isEqualTo(1);
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(2);
                predictor.mayEnd.release();
                second.until("running");
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(1);
            }
        }
    }

    @Test
    void whenTheQueueIsFullVisitorsAreToldToComeAgain() throws IOException, InterruptedException {
        List<EventStream> streams = new ArrayList<>();
        streams.add(visitor.predict("running.png", IMAGE));
        streams.getFirst().until("running");
        for (int i = 0; i < WAITING; i++) {
            streams.add(visitor.predict(i + ".png", IMAGE));
        }
        HttpResponse<byte[]> answer = post(IMAGE);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("10");
        assertThat(error(answer)).contains("2 images wait already");
        predictor.mayEnd.release(2);
        streams.get(1).until("done"); // the next has begun, and a place is free
        streams.get(2).until("running");
        streams.add(visitor.predict("again.png", IMAGE));
        for (EventStream each : streams) {
            each.close();
        }
    }

    @Test
    void whatWaitsOrRunsIsCancelled() throws IOException, InterruptedException {
        try (EventStream first = visitor.predict("first.png", IMAGE)) {
            String firstId = first.until("accepted").get("id").asText();
            first.until("running");
            try (EventStream second = visitor.predict("second.png", IMAGE);
                    EventStream third = visitor.predict("third.png", IMAGE)) {
                String secondId = second.until("accepted").get("id").asText();
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(2);
                assertThat(visitor.ask("DELETE", "predictions/" + secondId).statusCode())
                        .isEqualTo(204);
                assertThat(second.all().getLast().name()).isEqualTo("cancelled");
                assertThat(third.until("waiting").get("ahead").asInt()).isEqualTo(1);
                assertThat(visitor.ask("DELETE", "predictions/" + firstId).statusCode())
                        .isEqualTo(204);
                assertThat(first.all().getLast().name()).isEqualTo("cancelled");
                predictor.mayEnd.release();
                third.until("done");
            }
            assertThat(visitor.ask("DELETE", "predictions/" + firstId).statusCode())
                    .isEqualTo(404);
        }
        assertThat(predictor.seen).containsExactly("first.png", "third.png");
    }

    @Test
    @Fault(
            value = "a visitor of the page leaves",
            by = "closing the connection",
            then = "the prediction is cancelled, its place free")
    void whoLeavesCancels() throws IOException, InterruptedException {
        EventStream running = visitor.predict("running.png", IMAGE);
        running.until("running");
        EventStream waiting = visitor.predict("waiting.png", IMAGE);
        waiting.until("waiting");
        try (EventStream stays = visitor.predict("stays.png", IMAGE)) {
            assertThat(stays.until("waiting").get("ahead").asInt()).isEqualTo(2);
            waiting.close();
            assertThat(stays.until("waiting").get("ahead").asInt()).isEqualTo(1);
            running.close();
            predictor.cancelled.acquire();
            predictor.mayEnd.release();
            stays.until("done");
        }
        assertThat(predictor.seen).containsExactly("running.png", "stays.png");
    }

    @Test
    void theOldestResultsGoFirst() throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(predicted(i + ".png"));
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(each -> each.matches("[\\w-]{22}"));
        for (int i = 0; i < 5; i++) {
            HttpResponse<byte[]> answer = visitor.get("predictions/" + ids.get(i) + "/good.npy");
            assertThat(answer.statusCode()).isEqualTo(i < 2 ? 404 : 200);
            assertThat(answer.body())
                    .satisfies(body -> assertThat(new String(body, StandardCharsets.UTF_8))
                            .contains(answer.statusCode() == 404 ? "no such prediction" : ".png"));
        }
        assertThat(visitor.ask("DELETE", "predictions/" + ids.get(3)).statusCode())
                .isEqualTo(204);
        assertThat(visitor.get("predictions/" + ids.get(3) + "/good.npy").statusCode())
                .isEqualTo(404);
        assertThat(visitor.get("predictions/" + ids.get(4) + "/good.npy").statusCode())
                .isEqualTo(200);
    }

    @Test
    void resultsTakeNoMoreMemoryThanTheyMay() {
        Results results = new Results(10, 100);
        results.add("a", new Predictor.Prediction("a", "depth", List.of(), 60));
        results.add("b", new Predictor.Prediction("b", "depth", List.of(), 40));
        assertThat(results.get("a")).isPresent();
        results.add("c", new Predictor.Prediction("c", "depth", List.of(), 50));
        assertThat(results.get("a")).isEmpty();
        assertThat(results.get("b")).isPresent();
        assertThatThrownBy(() -> results.add("d", new Predictor.Prediction("d", "depth", List.of(), 101)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("d: its results take 101 bytes");
        assertThat(Stream.of("b", "c")).allMatch(each -> results.get(each).isPresent());
        assertThat(results.remove("b")).isTrue();
        assertThat(results.remove("b")).isFalse();
        results.add("e", new Predictor.Prediction("e", "depth", List.of(), 50));
        assertThat(results.get("c")).isPresent();
    }

    @Test
    void whatGoesWrongIsTold() throws IOException, InterruptedException {
        predictor.mayEnd.release(3);
        try (EventStream refused = visitor.predict("refused.png", IMAGE)) {
            assertThat(refused.until("failed").get("reason").asText())
                    .isEqualTo("refused.png: found this, expected that");
        }
        assertThat(log.toString()).isEmpty();
        try (EventStream broken = visitor.predict("broken.png", IMAGE)) {
            assertThat(broken.until("failed").get("reason").asText()).contains("unexpected", "broken");
        }
        assertThat(log.toString()).contains("lotus: unexpected java.lang.IllegalStateException: broken");
        try (EventStream deep = visitor.predict("deep.png", IMAGE)) {
            assertThat(deep.until("failed").get("reason").asText()).contains("unexpected", "deep");
        }
        predicted("good.png");
    }

    @Test
    void filesAreWholeOrVisiblyNot() throws IOException, InterruptedException {
        String at = "predictions/" + predicted("a.png") + "/";
        HttpResponse<byte[]> good = visitor.get(at + "good.npy");
        assertThat(good.body()).asString(StandardCharsets.UTF_8).isEqualTo("a.png");
        assertThat(good.headers().firstValue("Content-Disposition")).contains("attachment; filename*=UTF-8''good.npy");
        HttpResponse<byte[]> shown = visitor.get(at + "a%20b*%C3%BC.html");
        assertThat(shown.headers().firstValue("Content-Disposition"))
                .contains("inline; filename*=UTF-8''a%20b%2A%C3%BC.html");
        assertThat(shown.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("sandbox allow-scripts;")
                .doesNotContain("allow-same-origin");
        HttpResponse<byte[]> early = visitor.get(at + "early.glb");
        assertThat(early.statusCode()).isEqualTo(500);
        assertThat(error(early)).contains("early.glb: no points");
        assertThatThrownBy(() -> visitor.get(at + "late.obj")).isInstanceOf(IOException.class);
        assertThat(visitor.get(at + "other.npy").statusCode()).isEqualTo(404);
    }

    @Test
    void closingEndsWhatIsOpen() throws Exception {
        Socket halfHeader = visitor.open("GET / HTTP/1.1\r\nHo");
        Socket halfBody = visitor.open(
                "POST /predictions?name=a.png HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
        EventStream running = visitor.predict("running.png", IMAGE);
        running.until("running");
        EventStream waiting = visitor.predict("waiting.png", IMAGE);
        waiting.until("waiting");
        server.close();
        assertThat(predictor.cancelled.tryAcquire()).isTrue();
        for (Socket each : List.of(halfHeader, halfBody)) {
            assertThat(each.getInputStream().read()).isEqualTo(-1);
            each.close();
        }
        for (EventStream each : List.of(running, waiting)) {
            assertThatThrownBy(each::all).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> visitor.get("")).isInstanceOf(IOException.class);
        server.close();
        List<String> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .toList();
        assertThat(threads).doesNotContain("HTTP-Dispatcher", "lotus-predict", "lotus-time-limits");
        assertThat(predictor.seen).containsExactly("running.png");
    }

    @Test
    void aQueueThatClosesCancelsAll() throws Exception {
        PredictionQueue queue = new PredictionQueue(predictor, new Results(1, 1), WAITING, new PrintWriter(log));
        queue.start();
        Job running = new Job("a", "running.png", IMAGE);
        Job waiting = new Job("b", "waiting.png", IMAGE);
        queue.add(running);
        predictor.begun.acquire();
        queue.add(waiting);
        queue.close();
        for (Job each : List.of(running, waiting)) {
            assertThat(each.await(null, Duration.ZERO)).isEqualTo(new JobState.Cancelled());
        }
        assertThatThrownBy(() -> queue.add(waiting)).hasMessageContaining("closing");
        assertThat(predictor.seen).containsExactly("running.png");
    }
}
