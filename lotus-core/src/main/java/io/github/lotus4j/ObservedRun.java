package io.github.lotus4j;

import io.github.lotus4j.Progress.Stage;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;

/** A run on the thread that made this, reported and cancelled as its options say. */
final class ObservedRun implements RunListener {
    private final PredictionOptions options;
    private final long workBefore;
    private final long totalWork;
    private final Thread caller = Thread.currentThread();
    private Stage stage = Stage.ENCODE;

    /**
     * @param workBefore multiply-adds of the prediction's earlier runs
     * @param totalWork those of all its runs
     */
    ObservedRun(PredictionOptions options, long workBefore, long totalWork) {
        this.options = options;
        this.workBefore = workBefore;
        this.totalWork = totalWork;
    }

    @Override
    public boolean cancelled() {
        return caller.isInterrupted() || options.cancelled().getAsBoolean();
    }

    @Override
    public void computed(String path, Input view, Ops ops) {
        if (options.progress().equals(PredictionOptions.DEFAULT.progress())) {
            return; // nobody listens
        }
        if (path.startsWith("vae/encoder.")) {
            stage = Stage.ENCODE;
        } else if (path.startsWith("unet/")) {
            stage = Stage.DENOISE;
        } else if (path.startsWith("vae/")) {
            stage = Stage.DECODE;
        }
        options.progress().accept(new Progress(stage, Math.min(1, (double) (workBefore + ops.work()) / totalWork)));
    }
}
