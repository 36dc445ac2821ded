package io.github.lotus4j.serve;

import io.github.lotus4j.error.LotusException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Predictions in memory, by the ids of their jobs; where they become too many, or too large, the oldest go. Thread-safe. */
final class Results {
    private final int most;
    private final long mostBytes;
    private final Map<String, Predictor.Prediction> kept = new LinkedHashMap<>();
    private long bytes;

    Results(int most, long mostBytes) {
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /** @throws LotusException if it alone is too large */
    synchronized void add(String id, Predictor.Prediction prediction) {
        if (prediction.bytes() > mostBytes) {
            throw new LotusException(
                    "%s: its results take %d bytes of memory, more than the %d that are kept (--keep-mb)"
                            .formatted(prediction.name(), prediction.bytes(), mostBytes));
        }
        Deque<String> oldest = new ArrayDeque<>(kept.keySet());
        while (kept.size() >= most || bytes + prediction.bytes() > mostBytes) {
            remove(oldest.remove());
        }
        kept.put(id, prediction);
        bytes += prediction.bytes();
    }

    synchronized Optional<Predictor.Prediction> get(String id) {
        return Optional.ofNullable(kept.get(id));
    }

    /** @return whether it was there */
    synchronized boolean remove(String id) {
        Predictor.Prediction removed = kept.remove(id);
        if (removed != null) {
            bytes -= removed.bytes();
        }
        return removed != null;
    }
}
