package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What computes, and how. */
final class ComputeOptions {
    /** What {@code --backend} takes. */
    static final String BACKENDS =
            "auto, cpu or cuda, which options may follow: a device's number, f16 (the default), bf16, f32, fused (take"
                    + " cuDNN's plans for attention and convolutions where they compute the same), as in cuda:1,f32 (default: ${DEFAULT-VALUE}).";

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one a processor).")
    private @Nullable Integer threads;

    @Option(names = "--exact", description = "Avoid every algorithm that trades accuracy for speed.")
    private boolean exact;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = BACKENDS)
    @SuppressWarnings("NullAway.Init")
    private String backend;

    @Option(
            names = "--packed-weights-cache",
            paramLabel = "DIR",
            description =
                    "Keep the weights there as the CPU packs them, and load them faster from there the next time; takes as"
                            + " much disk space as the checkpoint (default: nothing is kept).")
    private @Nullable String packedWeightsCache;

    String backend() {
        return backend;
    }

    /** Empty for one a processor. */
    Optional<Integer> threads() {
        return Optional.ofNullable(threads);
    }

    boolean exact() {
        return exact;
    }

    /**
     * Without a checkpoint yet.
     *
     * @throws picocli.CommandLine.ParameterException if there is no such backend, or there cannot be as many threads
     */
    LotusBuilder builder(CheckpointCommand command) {
        return builder(command, backend, exact);
    }

    /** As {@link #builder(CheckpointCommand)}, but with this backend, and exact or not, whatever the options say. */
    LotusBuilder builder(CheckpointCommand command, String otherBackend, boolean otherExact) {
        if (!Backends.known(otherBackend)) {
            throw command.usage("--backend: found " + otherBackend + ", expected one of " + Backends.names());
        }
        LotusBuilder builder = Lotus.builder().exact(otherExact).backend(otherBackend);
        if (threads != null) {
            try {
                builder.threads(new BackendSettings(threads, otherExact).threads());
            } catch (LotusException e) {
                throw command.usage("--" + e.getMessage());
            }
        }
        if (packedWeightsCache != null) {
            builder.packedWeightsCache(command.folder("--packed-weights-cache", packedWeightsCache));
        }
        return builder;
    }
}
