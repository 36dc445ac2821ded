package io.github.lotus4j;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Tensor;
import java.util.Optional;

/** Finds the block of the model whose output is the first that is not finite, in a run that is repeated for that. */
final class FirstNonFinite implements RunListener {
    private final RunListener run;
    private String block = "";

    /** @param run whose cancellation is heeded; what is found cancels, too */
    FirstNonFinite(RunListener run) {
        this.run = run;
    }

    /** Its name in the checkpoint; nothing where all are finite. */
    Optional<String> block() {
        return block.isEmpty() ? Optional.empty() : Optional.of(block);
    }

    static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean cancelled() {
        return !block.isEmpty() || run.cancelled();
    }

    @Override
    public boolean observes() {
        return true;
    }

    @Override
    public void computed(String path, Input view, Ops ops) {
        if (!block.isEmpty()) {
            return;
        }
        try (Frame frame = ops.frame()) {
            Tensor copy = frame.tensor(view.shape());
            ops.copy(copy, view);
            if (!finite(ops.download(copy))) {
                block = path.replace('/', '.');
            }
        }
    }
}
