package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointName;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.LotusBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The kind of depth that a checkpoint predicts. */
final class KindOption {
    private enum Kind {
        DEPTH,
        DISPARITY
    }

    @Option(
            names = "--kind",
            paramLabel = "depth|disparity",
            description = "What the depth checkpoint predicts, where its name does not say.")
    private @Nullable Kind kind;

    /** As the user stated it. */
    Optional<DepthKind> stated() {
        return Optional.ofNullable(kind)
                .map(each -> each == Kind.DISPARITY ? DepthKind.AFFINE_DISPARITY : DepthKind.AFFINE_DEPTH);
    }

    /** Normals have no kind. */
    void refuseForNormals(CheckpointCommand command) {
        if (kind != null) {
            throw command.usage("--kind: found a kind of depth, but normals are predicted");
        }
    }

    /** The miniature's kind is known. */
    void requireOfNano(CheckpointCommand command) {
        if (kind == Kind.DEPTH) {
            throw command.usage("--kind: found depth, but the embedded miniature predicts disparity");
        }
    }

    /** Names the checkpoint that predicts depth, and says what may surprise about it. */
    void chooseDepth(LotusBuilder builder, Path folder, CheckpointCommand command) {
        CheckpointName name = CheckpointName.of(folder);
        Optional<DepthKind> named = name.depth();
        command.warnOfNormals(folder);
        if (kind != null) {
            DepthKind stated = stated().orElseThrow();
            builder.depth(folder, stated);
            if (named.isPresent() && named.get() != stated) {
                command.warn("the name of " + folder + " says that it does not predict what --kind says; --kind holds");
            }
            return;
        }
        builder.depth(folder);
        if (named.isEmpty() && !name.normal() && Files.exists(folder)) {
            command.warn("the name of " + folder
                    + " does not say whether it predicts depth or disparity; taken for depth (--kind)");
        }
    }
}
