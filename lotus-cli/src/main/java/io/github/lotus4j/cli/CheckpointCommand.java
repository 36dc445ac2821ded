package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointName;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What commands that load checkpoints have in common. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
abstract class CheckpointCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Set<String> said = new HashSet<>();

    /** A folder's path; an empty one, as of an unset variable, would be taken for the current folder. */
    Path folder(String option, String path) {
        if (path.isEmpty()) {
            throw usage(option + ": found nothing, expected a folder");
        }
        return Path.of(path);
    }

    /** Where a checkpoint is: a path, or the name of one that was fetched. */
    Path checkpoint(String option, String named) {
        if (named.isEmpty()) {
            throw usage(option + ": found nothing, expected a checkpoint's folder or name");
        }
        return lotus.cache().locate(named);
    }

    /** Variables by their names. */
    Map<String, String> environment() {
        return lotus.environment();
    }

    /** The command line as it was given. */
    CommandSpec spec() {
        return spec;
    }

    /** A wrong command line. */
    ParameterException usage(@Nullable String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Says something that may surprise, once. */
    void warn(String message) {
        if (said.add(message)) {
            spec.commandLine().getErr().println("note: " + message);
        }
    }

    /** Says so where a checkpoint that is to predict normals is called after depth. */
    void warnOfDepth(Path folder) {
        CheckpointName name = CheckpointName.of(folder);
        if (!name.normal() && name.depth().isPresent()) {
            warn("the name of " + folder + " says that it predicts depth; its output is taken for normals");
        }
    }

    /** Says so where a checkpoint that is to predict depth is called after normals. */
    void warnOfNormals(Path folder) {
        if (CheckpointName.of(folder).normal()) {
            warn("the name of " + folder + " says that it predicts normals; its output is taken for depth");
        }
    }
}
