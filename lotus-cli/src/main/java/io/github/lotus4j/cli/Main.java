package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.hub.HubCache;
import io.github.lotus4j.hub.HubSettings;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The lotus command. */
@Command(
        name = "lotus",
        description = "Depth and surface normals from one photograph.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        subcommands = {
            DepthCommand.class,
            NormalCommand.class,
            GeometryCommand.class,
            VideoCommand.class,
            ServeCommand.class,
            EvalCommand.class,
            AblateCommand.class,
            PlanCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            DoctorCommand.class,
            ModelsCommand.class,
            FetchCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Try it on a bundled scene:",
            "  lotus depth lotus-nano/scenes/scene-0.png",
            "and see what a command can do:",
            "  lotus depth --help",
            "",
            "LOTUS_JAVA_OPTIONS are passed to Java: LOTUS_JAVA_OPTIONS=-Xmx8g gives predictions 8 GB.",
            "Exit codes: 0 done, 1 something failed, 2 the command line is wrong."
        })
public final class Main {
    private static final int FAILED = 1;

    private final Map<String, String> environment;

    private Main(Map<String, String> environment) {
        this.environment = environment;
    }

    public static void main(String[] arguments) {
        System.exit(run(System.getenv(), writer(System.out), writer(System.err), arguments));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    Map<String, String> environment() {
        return environment;
    }

    /** The hub and its cache, as the environment has them. */
    HubSettings hubSettings() {
        return HubSettings.of(environment, Path.of(System.getProperty("user.home")));
    }

    HubCache cache() {
        return new HubCache(hubSettings().cache());
    }

    /** @return the exit code */
    static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Main(environment))
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((thrown, words) -> misused(thrown))
                .setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown, command.getErr()));
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            err.println(
                    "lotus: Java's memory is used up (" + e.getMessage()
                            + "); take a smaller --processing-res, or --vae-tile, or give Java more with LOTUS_JAVA_OPTIONS=-Xmx8g");
            return FAILED;
        }
    }

    /** One line, and where to read on: the whole help would push it off the screen. */
    private static int misused(CommandLine.ParameterException thrown) {
        CommandLine command = thrown.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("lotus: " + thrown.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(thrown, err);
        err.println("see " + command.getCommandSpec().qualifiedName() + " --help");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception thrown, PrintWriter err) {
        err.println("lotus: " + (thrown instanceof LotusException ? thrown.getMessage() : "unexpected " + thrown));
        return FAILED;
    }
}
