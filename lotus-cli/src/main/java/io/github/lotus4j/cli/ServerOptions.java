package io.github.lotus4j.cli;

import io.github.lotus4j.serve.ServerSettings;
import io.github.lotus4j.serve.UploadLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the page is served, and how much it takes. */
final class ServerOptions {
    private static final int MEGA = 1_000_000;

    /** Megabytes: more than what is made of an image of as many pixels as may be. */
    private static final long USUALLY_KEPT = 1024;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen at, of this machine; 0.0.0.0 for all of them (default: ${DEFAULT-VALUE},"
                            + " which no other machine reaches).")
    @SuppressWarnings("NullAway.Init")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8642",
            description = "The port; 0 for any that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--max-upload",
            paramLabel = "MB",
            defaultValue = "32",
            description = "The largest image file, in megabytes (default: ${DEFAULT-VALUE}).")
    private int maxUpload;

    @Option(
            names = "--max-pixels",
            paramLabel = "M",
            defaultValue = "25",
            description = "The largest image, in millions of pixels (default: ${DEFAULT-VALUE}).")
    private int maxPixels;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many images may wait while another is predicted (default: ${DEFAULT-VALUE}).")
    private int queue;

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many predictions are kept in memory; the oldest go first (default: ${DEFAULT-VALUE}).")
    private int keep;

    @Option(
            names = "--keep-mb",
            paramLabel = "MB",
            description = "How much memory they may take, in megabytes (default: a quarter of Java's, at most "
                    + USUALLY_KEPT + ").")
    private @Nullable Integer keepMegabytes;

    /** @throws picocli.CommandLine.ParameterException if one of them is out of its range, or there is no such host */
    ServerSettings settings(CheckpointCommand command) {
        requireWithin(command, "--port", port, 0, 65535);
        requireWithin(command, "--max-upload", maxUpload, 1, 1000);
        requireWithin(command, "--max-pixels", maxPixels, 1, 700);
        requireWithin(command, "--queue", queue, 1, 1000);
        requireWithin(command, "--keep", keep, 1, 1000);
        long kept = Math.min(USUALLY_KEPT, Runtime.getRuntime().maxMemory() / 4 / MEGA);
        if (keepMegabytes != null) {
            requireWithin(command, "--keep-mb", keepMegabytes, 1, Integer.MAX_VALUE);
            kept = keepMegabytes;
        }
        UploadLimits upload = new UploadLimits(maxUpload * MEGA, (long) maxPixels * MEGA);
        return new ServerSettings(
                new InetSocketAddress(address(command), port), host, upload, queue, keep, kept * MEGA);
    }

    private InetAddress address(CheckpointCommand command) {
        if (host.isEmpty()) {
            throw command.usage("--host: found nothing, expected a name or an address of this machine");
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw command.usage("--host: found " + host + ", expected a name or an address of this machine");
        }
    }

    private static void requireWithin(CheckpointCommand command, String option, int found, int least, int most) {
        if (found < least || found > most) {
            throw command.usage(option + ": found " + found + ", expected " + least + " to " + most);
        }
    }
}
