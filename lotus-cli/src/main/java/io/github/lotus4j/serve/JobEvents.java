package io.github.lotus4j.serve;

import io.github.lotus4j.output.PredictionFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Tells a visitor how far a job is, until it has ended. Who reads slowly is told less often, and holds up nothing. */
final class JobEvents {
    /** That a visitor has left shows only when something is sent. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);

    private JobEvents() {}

    /** @throws IOException if the visitor has left */
    static void tell(Job job, ServerSentEvents events) throws IOException, InterruptedException {
        events.send("accepted", Map.of("id", job.id()));
        JobState told = null;
        while (told == null || !told.ended()) {
            JobState now = job.await(told, SIGN_OF_LIFE);
            if (now.equals(told)) {
                events.sendComment();
            } else {
                send(now, events);
                told = now;
            }
        }
    }

    private static void send(JobState state, ServerSentEvents events) throws IOException {
        switch (state) {
            case JobState.Waiting now -> events.send("waiting", Map.of("ahead", now.ahead()));
            case JobState.Running now ->
                events.send("running", Map.of("stage", now.stage(), "fraction", now.fraction()));
            case JobState.Done now -> events.send("done", described(now.prediction()));
            case JobState.Failed now -> events.send("failed", Map.of("reason", now.reason()));
            case JobState.Cancelled _ -> events.send("cancelled", Map.of());
        }
    }

    private static Map<String, Object> described(Predictor.Prediction prediction) {
        List<String> files =
                prediction.files().stream().map(PredictionFile::name).toList();
        return Map.of("name", prediction.name(), "kind", prediction.kind(), "files", files);
    }
}
