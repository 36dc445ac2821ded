package io.github.lotus4j.weights;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Arbitrary bytes in the place of each kind of file that a checkpoint has. CONTRIBUTING.md says how to search for more of them. */
@Tag("fuzz")
class CheckpointFuzzTest {
    /** Of a JSON file, for each of its bytes: a number of one digit becomes a node in a tree. */
    private static final long TREE = 400;

    private static final JsonConfig.Range SMALL = new JsonConfig.Range(-3, 300);

    @TempDir
    private static Path folder;

    @FuzzTest
    void safetensors(byte[] input) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Hostile.readFile(file, input, TREE * input.length, () -> {
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                for (Parameter each : opened.tensors()) {
                    each.toFloats(0, new float[1], 0, (int) Math.min(1, each.elements()));
                }
            }
        });
    }

    /** Where names say what a file holds, in two spellings. */
    @FuzzTest
    void singleUnet(byte[] input) throws IOException {
        Path file = folder.resolve("single.safetensors");
        Hostile.readFile(file, input, 2 * TREE * input.length, () -> {
            try (OpenFiles open = new OpenFiles()) {
                SingleFile.unet(file, open).tensors();
            }
        });
    }

    @FuzzTest
    void singleVae(byte[] input) throws IOException {
        Path file = folder.resolve("vae.safetensors");
        Hostile.readFile(file, input, 2 * TREE * input.length, () -> {
            try (OpenFiles open = new OpenFiles()) {
                SingleFile.vae(file, folder.resolve("absent.json"), open).tensors();
            }
        });
    }

    @FuzzTest
    void shardIndex(byte[] input) throws IOException {
        Path shards = Files.createDirectories(folder.resolve("shards")); // where no other target's files lie
        Path index = shards.resolve("diffusion_pytorch_model.safetensors.index.json");
        Path shard = shards.resolve("a.safetensors");
        if (!Files.exists(shard)) {
            new SafetensorsWriter()
                    .tensor("x", DType.F32, new int[] {1}, new float[1])
                    .write(shard);
        }
        Hostile.readFile(index, input, TREE * input.length, () -> {
            try (OpenFiles open = new OpenFiles()) {
                WeightFiles.in(shards, open);
            }
        });
    }

    @FuzzTest
    void config(byte[] input) throws IOException {
        Path file = folder.resolve("config.json");
        Hostile.readFile(file, input, TREE * input.length, () -> {
            JsonConfig config = JsonConfig.read(file);
            config.integer("a", 1, SMALL);
            config.number("b", 0.5, 0, 1);
            config.flag("c", true);
            config.oneOf("d", "x", "x", "y");
            config.integers("e", SMALL, SMALL);
            config.integers("f", 4, 2, SMALL);
            config.allOf("g", 2, "x", "y");
            config.requireAbsent("h");
        });
    }

    @FuzzTest
    void vocabulary(byte[] input) throws IOException {
        Path file = folder.resolve("vocab.json");
        Hostile.readFile(file, input, TREE * input.length, () -> PromptTokens.of(file, Optional.empty()));
    }
}
