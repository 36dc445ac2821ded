package io.github.lotus4j.cli;

import io.github.lotus4j.ops.Backends;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "What predictions can run on here.",
        description =
                "For each backend: what was found and where, whether it works, and if not, what is missing and how to get"
                        + " it. The first that works is what --backend auto takes.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        for (Backends.Diagnosis each : Backends.diagnose()) {
            out.println(each.backend());
            each.findings().forEach(line -> out.println("  " + line));
            out.println(
                    "  " + each.unavailable().map(why -> "cannot run: " + why).orElse("works"));
        }
        return 0;
    }
}
