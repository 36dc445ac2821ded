package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import java.util.ArrayList;
import java.util.List;

/**
 * What a repeatable part of a prediction does, as its operators and the blocks that it tells of. They are bound to places in one
 * memory. Replaying it allocates nothing, where walking through the model allocates some megabytes.
 */
final class Recording {
    /** What a recording is replayed to. */
    interface Player {
        /** @param work multiply-adds of the operator */
        void run(Operator operator, long work);

        void computed(String path, Input view);
    }

    private sealed interface Step {
        void play(Player to);
    }

    private record Computation(Operator operator, long work) implements Step {
        @Override
        public void play(Player to) {
            to.run(operator, work);
        }
    }

    private record Block(String path, Input view) implements Step {
        @Override
        public void play(Player to) {
            to.computed(path, view);
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private long peakBytes;

    /** @param peak of the run so far, in bytes */
    void end(long peak) {
        peakBytes = peak;
    }

    /** The peak that its run had had at its end. */
    long peakBytes() {
        return peakBytes;
    }

    void add(Operator operator, long work) {
        steps.add(new Computation(operator, work));
    }

    void add(String path, Input view) {
        steps.add(new Block(path, view));
    }

    void play(Player to) {
        for (int i = 0; i < steps.size(); i++) { // an iterator would be an object
            steps.get(i).play(to);
        }
    }
}
