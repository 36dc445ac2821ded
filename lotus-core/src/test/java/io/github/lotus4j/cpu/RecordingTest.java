package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordingTest {
    private static final Shape SHAPE = new Shape(1, 4, 4, 8);
    private static final long BYTES = 1 << 20;

    private final CpuBackend backend = new CpuBackend(new BackendSettings(2, true));
    private final List<String> told = new ArrayList<>();
    private int walks;
    private int cancelAt = Integer.MAX_VALUE; // block

    private final RunListener listener = new RunListener() {
        @Override
        public boolean cancelled() {
            return told.size() >= cancelAt;
        }

        @Override
        public void computed(String path, Input view, Ops ops) {
            told.add(path + " " + ops.work());
        }
    };

    @AfterEach
    void close() {
        backend.close();
    }

    /** Attends twice, in a run of its own. */
    private float[] run(Object key, float value) {
        try (Ops ops = backend.open(listener, BYTES);
                Frame frame = ops.frame()) {
            Tensor in = frame.tensor(SHAPE);
            Tensor out = frame.tensor(SHAPE);
            float[] values = new float[(int) SHAPE.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = value * (i % 7);
            }
            ops.upload(in, values);
            ops.repeatable(key, () -> {
                walks++;
                try (Frame inner = ops.frame()) {
                    Tensor between = inner.tensor(SHAPE);
                    ops.attention(between, in, in, in, 1, false);
                    ops.computed("first", between);
                    ops.attention(out, between, in, in, 1, false);
                    ops.computed("second", out);
                }
            });
            told.add("peak " + ops.peakBytes());
            return ops.download(out);
        }
    }

    @Test
    void recordedPartIsNotWalkedThroughAgainAndDoesTheSame() {
        float[] ones = run("key", 1);
        List<String> first = List.copyOf(told);
        assertThat(first).hasSize(3).doesNotHaveDuplicates();
        float[] twos = run("key", 2);
        assertThat(walks).isOne();
        assertThat(told.subList(3, 6)).isEqualTo(first);
        assertThat(twos).isNotEqualTo(ones);
        assertThat(run("other", 2)).isEqualTo(twos);
        assertThat(walks).isEqualTo(2);
    }

    @Test
    void whatWasCancelledWhileItWasRecordedIsNotKept() {
        cancelAt = 1;
        assertThatThrownBy(() -> run("key", 1)).isInstanceOf(CancellationException.class);
        cancelAt = Integer.MAX_VALUE;
        float[] whole = run("key", 1);
        assertThat(walks).isEqualTo(2);
        assertThat(run("key", 1)).isEqualTo(whole);
    }

    @Test
    void replayIsCancelledBetweenOperators() {
        run("key", 1);
        told.clear();
        cancelAt = 1;
        assertThatThrownBy(() -> run("key", 1)).isInstanceOf(CancellationException.class);
        assertThat(told).hasSize(1);
        assertThat(walks).isOne();
    }

    @Test
    void onlyTheLatestKeysAreKept() {
        for (int key : new int[] {0, 1, 2, 3, 0, 4}) {
            run(key, 1);
        }
        assertThat(walks).isEqualTo(5);
        run(4, 1);
        run(0, 1); // used after 1, for whose sake 4 would have stayed out
        assertThat(walks).isEqualTo(5);
        run(1, 1);
        assertThat(walks).isEqualTo(6);
    }
}
