package io.github.lotus4j.cli;

import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Runs a checkpoint against a recorded run of the reference implementation.",
        description =
                "Prints the largest absolute difference and the relative L2 difference of every stage; exit code 1 where"
                        + " rounding does not explain them.")
final class VerifyCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME|DIR", description = "A checkpoint that was fetched, or a checkpoint's folder.")
    @SuppressWarnings("NullAway.Init")
    private String checkpoint;

    @Option(
            names = "--golden",
            required = true,
            paramLabel = "FILE",
            description = "The recorded run, a safetensors file.")
    @SuppressWarnings("NullAway.Init")
    private Path golden;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = ComputeOptions.BACKENDS)
    @SuppressWarnings("NullAway.Init")
    private String backend;

    @Option(names = "--exact", description = "Avoid every algorithm that trades accuracy for speed.")
    private boolean exact;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Path folder = lotus.cache().locate(checkpoint);
        int threads = Runtime.getRuntime().availableProcessors();
        try (Backend opened = Backends.open(backend, new BackendSettings(threads, exact))) {
            List<GoldenRun.Stage> stages = GoldenRun.compare(golden, folder, opened);
            out.printf("%-72s %10s %12s%n", "stage", "max-abs", "relative L2");
            for (GoldenRun.Stage stage : stages) {
                out.printf(
                        "%-72s %10.2e %12.2e%s%n",
                        stage.name(),
                        stage.found().maxAbs(),
                        stage.found().relative(),
                        stage.passes() ? "" : "  differs");
            }
            long broken = stages.stream().filter(stage -> !stage.passes()).count();
            out.println(broken == 0 ? "all stages agree" : broken + " of " + stages.size() + " stages differ");
            return broken == 0 ? 0 : FAILED;
        }
    }
}
