package io.github.lotus4j.ops;

import java.util.concurrent.CancellationException;

/** What surrounds a run: asked before and during operators whether to stop, told which block has been computed. */
public interface RunListener {
    RunListener NONE = new RunListener() {};

    /** Asked often, from any thread; an operator may stop early when this is true. */
    default boolean cancelled() {
        return false;
    }

    /** @throws CancellationException if the run is cancelled */
    default void requireRunning() {
        if (cancelled()) {
            throw new CancellationException("the prediction was cancelled");
        }
    }

    /** Whether {@link #computed} reads values, so that every block must run by itself. */
    default boolean observes() {
        return false;
    }

    /**
     * A block of the model is done.
     *
     * @param path the block's name in the checkpoint, such as {@code unet.down_blocks.0}
     * @param view its output; valid during the call only, readable through {@code ops}
     */
    default void computed(String path, Input view, Ops ops) {}
}
