package io.github.lotus4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lotus4j.FullSizeRun;
import io.github.lotus4j.benchmarks.PeerProcess.PeerException;
import io.github.lotus4j.benchmarks.PeerProcess.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Measures ours beside PyTorch, ONNX Runtime and OpenVINO, which {@code peers/peer.py} runs: for each size and each of them, its
 * results are compared with ours; then the two predict in turn, in the same minutes. Runs in the repository's root.
 */
public final class Peers {
    /** From ours, of any value of a latent, of the pixels or of the depth, which are of magnitude 1. */
    static final double LARGEST_DIFFERENCE = 1e-3;

    private static final Path WORK = Model.WORK.resolve("peers");
    private static final Path CACHE = WORK.resolve("cache");

    private final Path python;
    private final Path checkpoint;
    private final int threads;
    private final int rounds;

    private Peers(Path python, Path checkpoint, int threads, int rounds) {
        this.python = python;
        this.checkpoint = checkpoint;
        this.threads = threads;
        this.rounds = rounds;
    }

    /** @param arguments a Python that has the packages of {@code requirements.txt}, then options, each with its value */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("--sizes", "512,768");
        options.put("--peers", "pytorch,pytorch-compile,onnxruntime,openvino");
        options.put("--rounds", "3");
        options.put("--threads", Integer.toString(Machine.processors()));
        options.put("--checkpoint", ""); // the synthetic one
        options.put("--report", "benchmarks/REPORT-PEERS.md");
        options.put("--keep", "false"); // what was made for the peers, 4 GB a size
        if (arguments.length == 0) {
            throw new IllegalArgumentException("found nothing, expected a Python");
        }
        for (int i = 1; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length || options.replace(arguments[i], arguments[i + 1]) == null) {
                throw new IllegalArgumentException(
                        "found " + arguments[i] + ", expected options, each with a value: " + options);
            }
        }
        String folder = option(options, "--checkpoint");
        Peers peers = new Peers(
                Path.of(arguments[0]),
                folder.isEmpty() ? Model.SD2.folder() : Path.of(folder),
                Integer.parseInt(option(options, "--threads")),
                Integer.parseInt(option(options, "--rounds")));
        Path file = Path.of(option(options, "--report"));
        PeerReport report = new PeerReport(Machine.description(peers.threads), peers.threads, peers.rounds);
        for (String size : option(options, "--sizes").split(",", -1)) {
            for (String peer : option(options, "--peers").split(",", -1)) {
                peers.measure(peer, Integer.parseInt(size), report);
                Files.writeString(file, report.text()); // a run takes long, and may be ended
            }
            if (!Boolean.parseBoolean(option(options, "--keep"))) {
                delete(CACHE);
            }
        }
        System.out.print(report.text());
        if (!report.complete()) {
            throw new IllegalStateException("not all peers were measured; " + file + " says why");
        }
    }

    private static String option(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void measure(String name, int side, PeerReport report) throws IOException {
        Files.createDirectories(WORK);
        Path image =
                Files.write(WORK.resolve("image-" + side), Model.noise(side).toArray());
        try (PeerProcess peer = peer(name, side, image)) {
            double theirLoad = peer.load();
            Map<String, Double> differences = compare(peer, side, image); // has it predict once, too
            try (PeerProcess ours = ours(side, image)) {
                double ourLoad = ours.load();
                ours.run();
                List<Times> ourTimes = new ArrayList<>();
                List<Times> theirTimes = new ArrayList<>();
                for (int round = 0; round < rounds; round++) {
                    ourTimes.add(ours.run());
                    theirTimes.add(peer.run());
                }
                report.add(new PeerReport.Pair(
                        name,
                        peer.versions(),
                        side,
                        differences,
                        new PeerReport.Figures(ourLoad, ourTimes, ours.largestResident()),
                        new PeerReport.Figures(theirLoad, theirTimes, peer.largestResident())));
            }
        } catch (PeerException e) {
            report.failed(name, side, e.reason());
        }
    }

    private PeerProcess peer(String name, int side, Path image) throws IOException, PeerException {
        return new PeerProcess(
                name,
                List.of(
                        python.toString(),
                        "benchmarks/peers/peer.py",
                        name,
                        checkpoint.toString(),
                        Integer.toString(side),
                        Integer.toString(threads),
                        image.toString(),
                        CACHE.toString()),
                threads,
                WORK.resolve(name + "-" + side + ".log"));
    }

    private PeerProcess ours(int side, Path image) throws IOException, PeerException {
        List<String> command = FullSizeRun.java(System.getProperty("java.class.path"), LotusPeer.class);
        command.addAll(
                List.of(checkpoint.toString(), Integer.toString(side), Integer.toString(threads), image.toString()));
        return new PeerProcess("Lotus for Java", command, threads, WORK.resolve("lotus-" + side + ".log"));
    }

    /** The largest difference from ours, by stage; ours is computed in a process that is not measured. */
    private Map<String, Double> compare(PeerProcess peer, int side, Path image) throws IOException, PeerException {
        Path recorded = WORK.resolve("recorded.safetensors").toAbsolutePath();
        peer.ask("record " + recorded);
        Map<String, Double> differences = new LinkedHashMap<>();
        try (PeerProcess ours = ours(side, image)) {
            for (Map.Entry<String, JsonNode> stage :
                    ours.ask("check " + recorded).properties()) {
                double difference = stage.getValue().asDouble();
                if (!(difference <= LARGEST_DIFFERENCE)) {
                    throw new PeerException("its %s differs by %.1e from ours; wrong results are not timed"
                            .formatted(stage.getKey(), difference));
                }
                differences.put(stage.getKey(), difference);
            }
        }
        Files.delete(recorded);
        return differences;
    }
}
