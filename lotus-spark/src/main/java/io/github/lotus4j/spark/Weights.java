package io.github.lotus4j.spark;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.hub.HubCache;
import io.github.lotus4j.hub.HubException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkFiles;

/** Where an executor finds a checkpoint. Nothing is downloaded but by Spark itself, before. */
final class Weights {
    /** The embedded miniature. */
    static final String NANO = "nano";

    /** Before the name of what Spark distributes. */
    static final String SPARK_FILES = "spark:";

    private Weights() {}

    static boolean isNano(String weights) {
        return weights.equals(NANO);
    }

    /**
     * @param weights {@code spark:NAME}, a path on this machine, or the name of a checkpoint in the hub's cache on this machine
     * @throws LotusException if there is nothing
     */
    static Path locate(String weights) {
        return weights.startsWith(SPARK_FILES) ? distributed(weights) : onMachine(weights);
    }

    private static Path onMachine(String weights) {
        Path path;
        try {
            path = HubCache.fromEnvironment().locate(weights);
        } catch (HubException e) {
            throw new LotusException("on an executor's machine: " + e.getMessage(), e);
        }
        if (Files.notExists(path)) {
            throw new LotusException(weights + " is not on an executor's machine, expected " + NANO
                    + ", a path there, or a checkpoint that was fetched there");
        }
        return path;
    }

    private static Path distributed(String weights) {
        String name = weights.substring(SPARK_FILES.length());
        Path folder = Path.of(SparkFiles.get(name));
        if (Files.notExists(folder)) {
            throw new LotusException(weights + " is not among the files that Spark distributes, expected " + folder
                    + "; give spark-submit --archives FILE.zip#" + name
                    + ", or call SparkContext.addFile(folder, true)");
        }
        return folder;
    }
}
