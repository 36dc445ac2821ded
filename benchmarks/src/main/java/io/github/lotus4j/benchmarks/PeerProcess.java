package io.github.lotus4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lotus4j.FullSizeRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that holds a model and obeys commands, a line each, which it answers in JSON, a line each; {@code peers/peer.py} says
 * which. Ours is such a process, too ({@link LotusPeer}), so that time and memory are taken of all in the same way.
 */
final class PeerProcess implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Process process;
    private final Path log;
    private final Writer commands;
    private final BufferedReader answers;
    private final String versions;

    /** What was asked for was not done. */
    static final class PeerException extends Exception {
        private static final long serialVersionUID = 1;

        private final String reason;

        PeerException(String reason) {
            super(reason);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    /**
     * Milliseconds of one prediction.
     *
     * @param whole from pixels to depth
     */
    record Times(double encode, double denoise, double decode, double whole) {}

    /**
     * Starts it, and waits until it is ready.
     *
     * @param name for messages
     * @param log takes what it writes to stderr
     */
    PeerProcess(String name, List<String> command, int threads, Path log) throws IOException, PeerException {
        this.name = name;
        this.log = log;
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        process = builder.start();
        commands = process.outputWriter();
        answers = process.inputReader();
        try {
            versions = answer().path("versions").asText();
        } catch (IOException | PeerException e) {
            close();
            throw e;
        }
    }

    String versions() {
        return versions;
    }

    /** Returns milliseconds. */
    double load() throws IOException, PeerException {
        return ask("load").path("ms").asDouble();
    }

    /** Predicts once. */
    Times run() throws IOException, PeerException {
        JsonNode times = ask("run");
        return new Times(
                times.path("encode").asDouble(),
                times.path("denoise").asDouble(),
                times.path("decode").asDouble(),
                times.path("whole").asDouble());
    }

    /** Sends a command, waits, and returns the answer. */
    JsonNode ask(String command) throws IOException, PeerException {
        commands.write(command + "\n");
        commands.flush();
        return answer();
    }

    private JsonNode answer() throws IOException, PeerException {
        String line = answers.readLine();
        if (line == null) {
            List<String> words = Files.readAllLines(log);
            throw new PeerException("%s: the process ended, saying %s (all of it is in %s)"
                    .formatted(name, words.isEmpty() ? "nothing" : words.getLast(), log));
        }
        JsonNode answer = JSON.readTree(line);
        if (answer.has("error")) {
            throw new PeerException(name + ": " + answer.path("error").asText());
        }
        return answer;
    }

    /** The most memory that it has held at a time, mapped files included, in megabytes. */
    double largestResident() throws IOException {
        return FullSizeRun.largestResident(Long.toString(process.pid()))
                .orElseThrow(() -> new IOException("the system does not tell the memory of process " + process.pid()));
    }

    /** Ends it, and waits until its memory is free. */
    @Override
    public void close() {
        try {
            commands.close(); // without commands it ends by itself, and what it has started with it
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // it has ended already
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        process.onExit().join();
    }
}
