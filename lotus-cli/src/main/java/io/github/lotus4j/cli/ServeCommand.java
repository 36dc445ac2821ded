package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.serve.PageServer;
import io.github.lotus4j.serve.ServerSettings;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        header = "A page in the browser that predicts the images that are dropped on it.",
        description =
                "Prints the page's address, and serves it until Ctrl-C. Images and results stay in memory: they are neither"
                        + " written to disk nor sent elsewhere. One image is predicted at a time; others wait.",
        footer = {
            "",
            "The limits of Java's own server are system properties, as LOTUS_JAVA_OPTIONS=-Dsun.net.httpserver.maxReqTime=300:",
            "maxReqTime, seconds until a request has arrived (60); maxReqHeaders (64); maxReqHeaderSize, bytes (32768);",
            "idleInterval, seconds for which a connection may lie idle (30); jdk.httpserver.maxConnections (256)."
        })
final class ServeCommand extends CheckpointCommand {
    private static final String NANO =
            "this is the embedded miniature, made for trying things out; real checkpoints give far better results"
                    + " (lotus models, lotus fetch NAME, lotus serve --model NAME --normal-model NAME)";

    /** Any image that every checkpoint takes: whether the options fit does not depend on it. */
    private static final int SIDE = 64;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions server;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Option(
            names = "--normal-model",
            paramLabel = "NAME|DIR",
            description =
                    "With --model, which then predicts depth, a checkpoint that predicts normals (default: none, and the miniature's beside its depth).")
    private @Nullable String normalModel;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KindOption kind;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ShapeOptions shapes;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

    @Override
    public Integer call() {
        ServerSettings settings = server.settings(this);
        PredictionOptions options = modelOptions.of(this);
        shapes.check(this);
        LotusBuilder builder = compute.builder(this);
        choose(builder);
        limitRequests(System.getProperties());
        try (Lotus lotus = builder.build()) {
            lotus.predictionBytes(SIDE, SIDE, options); // says now what would not go with the checkpoint
            boolean normals = model.isNano() || normalModel != null;
            LotusPredictor predictor = new LotusPredictor(lotus, options, shapes, normals, model.isNano() ? NANO : "");
            try (PageServer page =
                    PageServer.start(settings, predictor, spec().commandLine().getErr())) {
                tell(page, settings);
                untilInterrupted();
            }
        }
        return 0;
    }

    private void choose(LotusBuilder builder) {
        if (model.isNano()) {
            kind.requireOfNano(this);
            if (normalModel != null) {
                throw usage(
                        "--normal-model goes with --model, a checkpoint that predicts depth; found only the former");
            }
            builder.nano();
            return;
        }
        kind.chooseDepth(builder, model.folder(this), this);
        if (normalModel != null) {
            Path normal = checkpoint("--normal-model", normalModel);
            warnOfDepth(normal);
            builder.normal(normal);
        }
    }

    private void tell(PageServer page, ServerSettings settings) {
        if (model.isNano()) {
            warn(NANO);
        }
        if (!settings.address().getAddress().isLoopbackAddress()) {
            warn("listening at " + settings.host()
                    + ": whoever reaches this machine can send images, without a password and without encryption");
        }
        spec().commandLine().getOut().println(page.page());
    }

    /**
     * Ctrl-C ends the process, and with it the connections; nothing lies on disk that would have to be cleared away, so no shutdown hook
     * is needed. Who calls from Java interrupts this thread, and all is closed.
     */
    private static void untilInterrupted() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Java's server reads these once, when it is first used; what was set stays. */
    private static void limitRequests(Properties properties) {
        properties.putIfAbsent("sun.net.httpserver.maxReqTime", "60");
        properties.putIfAbsent("sun.net.httpserver.maxReqHeaders", "64");
        properties.putIfAbsent("sun.net.httpserver.maxReqHeaderSize", "32768");
        properties.putIfAbsent("jdk.httpserver.maxConnections", "256");
        properties.putIfAbsent("sun.net.httpserver.nodelay", "true"); // events are small, and come one by one
    }
}
