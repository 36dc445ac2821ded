package io.github.lotus4j.benchmarks;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.eval.GoldenRun;
import io.github.lotus4j.ops.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Ours, as {@code peers/peer.py} is: obeys {@code load} and {@code run}, and {@code check FILE}, which runs what a peer has recorded
 * there and answers by how much each stage differs at most.
 */
public final class LotusPeer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String BACKEND = "cpu";

    private final Path checkpoint;
    private final int threads;
    private final RgbImage image;
    private @Nullable Lotus lotus;

    private LotusPeer(Path checkpoint, int threads, RgbImage image) {
        this.checkpoint = checkpoint;
        this.threads = threads;
        this.image = image;
    }

    /** @param arguments the checkpoint's folder, the image's side, threads, the image's file */
    public static void main(String[] arguments) throws IOException {
        Path checkpoint = Path.of(arguments[0]);
        int side = Integer.parseInt(arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        RgbImage image = RgbImage.of(side, side, Files.readAllBytes(Path.of(arguments[3])));
        System.out.println(JSON.createObjectNode().put("versions", "Java " + Runtime.version()));
        try (LotusPeer peer = new LotusPeer(checkpoint, threads, image)) {
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                ObjectNode answer = JSON.createObjectNode();
                try {
                    peer.obey(line.split(" ", 2), answer);
                } catch (RuntimeException e) {
                    answer.put("error", e.toString());
                }
                System.out.println(answer);
            }
        }
    }

    private void obey(String[] command, ObjectNode answer) {
        switch (command[0]) {
            case "load" -> load(answer);
            case "run" -> run(Objects.requireNonNull(lotus, "load comes first"), answer);
            case "check" -> check(Path.of(command[1]), answer);
            default -> throw new IllegalArgumentException("there is no command " + command[0]);
        }
    }

    private void load(ObjectNode answer) {
        long start = System.nanoTime();
        lotus = Lotus.builder()
                .depth(checkpoint)
                .backend(BACKEND)
                .threads(threads)
                .build();
        answer.put("ms", (System.nanoTime() - start) / 1e6);
    }

    private void run(Lotus loaded, ObjectNode answer) {
        long start = System.nanoTime();
        long[] last = {start};
        PredictionOptions options = PredictionOptions.DEFAULT
                .withProcessingResolution(0)
                .withProgress(progress -> {
                    long now = System.nanoTime();
                    String stage = progress.stage().name().toLowerCase(Locale.ROOT);
                    answer.put(stage, answer.path(stage).asDouble() + (now - last[0]) / 1e6);
                    last[0] = now;
                });
        loaded.predictDepth(image, options);
        answer.put("whole", (System.nanoTime() - start) / 1e6);
    }

    private void check(Path recorded, ObjectNode answer) {
        try (Backend backend = Machine.backend(BACKEND, threads)) {
            for (GoldenRun.Stage stage : GoldenRun.compare(recorded, checkpoint, backend)) {
                answer.put(stage.name(), stage.found().maxAbs());
            }
        }
    }

    @Override
    public void close() {
        if (lotus != null) {
            lotus.close();
        }
    }
}
