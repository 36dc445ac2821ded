package io.github.lotus4j.cli;

import io.github.lotus4j.hub.HubCache;
import io.github.lotus4j.hub.PublishedCheckpoint;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Which published checkpoint for what.",
        description = "And which of them are in the hub's cache on this machine. Nothing is downloaded.")
final class ModelsCommand implements Callable<Integer> {
    private static final String ROW = "%-30s %-10s %-10s %s%n";

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private Main lotus;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        HubCache cache = lotus.cache();
        out.printf(ROW, "name", "predicts", "fetched", "take it");
        for (PublishedCheckpoint each : PublishedCheckpoint.all()) {
            String fetched = cache.find(each.reference()).isPresent() ? "yes" : "-";
            out.printf(ROW, each.name(), each.predicts(), fetched, each.purpose());
        }
        out.println();
        out.println("D is deterministic; G starts from seeded noise. Each is " + PublishedCheckpoint.SIZE
                + ", and fine-tuned from Stable Diffusion 2, under CreativeML Open RAIL++-M;");
        out.println("lotus fetch NAME says the exact size, and the licence that the repository states. The cache is "
                + cache.folder());
        return 0;
    }
}
