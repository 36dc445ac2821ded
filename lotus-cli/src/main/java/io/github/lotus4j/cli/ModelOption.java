package io.github.lotus4j.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The checkpoint that predicts. */
final class ModelOption {
    private static final String NAME = "--model";
    private static final String NANO = "nano";

    @Option(
            names = NAME,
            paramLabel = "NAME|DIR|" + NANO,
            defaultValue = NANO,
            description =
                    "A checkpoint that was fetched, a checkpoint's folder, or the embedded miniature (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String named;

    /** As it was given. */
    String named() {
        return named;
    }

    boolean isNano() {
        return named.equals(NANO);
    }

    /** Where the checkpoint is, which is not the miniature. */
    Path folder(CheckpointCommand command) {
        return command.checkpoint(NAME, named);
    }
}
