package io.github.lotus4j.spark;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Closes an executor's models when the executor ends: {@code spark.plugins=io.github.lotus4j.spark.LotusPlugin}. Without it they are
 * open until their process ends, which matters in local mode, where that process is the embedder's own, and hardly elsewhere.
 * {@link PredictFolder} sets it itself.
 */
public final class LotusPlugin implements SparkPlugin {
    /** For Spark. */
    public LotusPlugin() {}

    @Override
    @SuppressWarnings("NullAway") // Spark's contract: null for none
    public @Nullable DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void shutdown() {
                ExecutorModels.POOL.closeAll();
            }
        };
    }
}
