package io.github.lotus4j.cli;

import io.github.lotus4j.hub.FetchListener;
import io.github.lotus4j.hub.Hub;
import io.github.lotus4j.hub.HubException;
import io.github.lotus4j.hub.HubReference;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Downloads a checkpoint from the Hugging Face hub.",
        description =
                "Into the hub's cache, which Python's libraries share; prints the folder. Only what is needed and not there is"
                        + " downloaded; every file's hash is compared with the hub's; interrupted, the next call goes on from"
                        + " there. --model NAME then finds it.",
        footer = {
            "",
            "HF_HOME or HF_HUB_CACHE name the cache, HF_ENDPOINT a mirror, HF_TOKEN a token, HTTPS_PROXY a proxy;",
            "with HF_HUB_OFFLINE=1 nothing is sent."
        })
final class FetchCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "NAME|OWNER/NAME",
            description = "A published checkpoint, as lotus models lists them, or any repository with one.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "A branch, a tag or a commit (default: main); --model NAME@REVISION finds it.")
    private @Nullable String revision;

    @Option(
            names = "--fp16",
            description =
                    "The weights in half precision, where the repository has them: half the size, and less precise.")
    private boolean fp16;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Hub hub = new Hub(lotus.hubSettings());
        HubReference reference = reference();
        ProgressLine line = ProgressLine.onTerminal(err);
        try {
            out.println(hub.fetch(reference, fp16, new Telling(line, err)));
        } finally {
            line.clear();
        }
        return 0;
    }

    private HubReference reference() {
        if (revision != null && name.contains("@")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "the revision is said twice, in \"" + name + "\" and by --revision " + revision);
        }
        try {
            HubReference reference = HubReference.of(name);
            return revision == null ? reference : reference.at(revision);
        } catch (HubException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private record Telling(ProgressLine line, PrintWriter err) implements FetchListener {
        @Override
        public void planned(Plan plan) {
            if (plan.files() == 0) {
                err.println(plan.reference() + " is there already, at commit " + plan.commit());
                return;
            }
            err.printf(
                    "%s, commit %s: %d files, %,.1f MB to download, licence %s%n",
                    plan.reference(),
                    plan.commit(),
                    plan.files(),
                    plan.bytes() / 1e6,
                    plan.licence().orElse("not stated"));
        }

        @Override
        public void progress(Progress now) {
            String busy = switch (now.stage()) {
                case WAITING -> "another process downloads it, waiting";
                case DOWNLOADING -> "%,d of %,d MB".formatted(now.done() / 1_000_000, now.total() / 1_000_000);
                case CHECKING -> "checking";
            };
            line.show(now.file() + ": " + busy);
        }

        @Override
        public void failed(String what, String reason, Duration pause) {
            line.clear();
            err.printf("%s: %s; trying again in %.1f s%n", what, reason, pause.toMillis() / 1000.0);
            err.flush();
        }
    }
}
