package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A small checkpoint in a folder, and what tests do to it. */
abstract class CheckpointCases {
    static final int WIDTH = 48;
    static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    @TempDir
    Path temp;

    Path folder;

    @BeforeEach
    void writeCheckpoint() throws IOException {
        folder = SyntheticCheckpoint.write(temp.resolve("lotus"), Architecture.TINY, Mode.D, 1, DType.F16);
    }

    interface Rewriting {
        void tensor(String key, Parameter tensor, SafetensorsWriter writer);
    }

    void rewrite(String component, Rewriting rewriting) throws IOException {
        Path file = folder.resolve(component).resolve(component.equals("text_encoder") ? "model.safetensors" : WEIGHTS);
        Path copy = Files.move(file, temp.resolve("before.safetensors"));
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile before = SafetensorsFile.open(copy)) {
            before.tensors().forEach(tensor -> rewriting.tensor(tensor.name(), tensor, writer));
            writer.write(file);
        }
    }

    /** Splits the UNet's file in two, tensor by tensor. */
    void shard(String indexName) throws IOException {
        Path unet = folder.resolve("unet");
        SafetensorsWriter[] writers = {new SafetensorsWriter(), new SafetensorsWriter()};
        StringBuilder map = new StringBuilder();
        try (SafetensorsFile file = SafetensorsFile.open(unet.resolve(WEIGHTS))) {
            for (Parameter tensor : file.tensors()) {
                int shard = tensor.name().endsWith(".weight") ? 0 : 1;
                writers[shard].tensor(tensor.name(), tensor);
                map.append(map.isEmpty() ? "" : ", ")
                        .append("\"" + tensor.name() + "\": \"s" + (shard + 1) + ".safetensors\"");
            }
            writers[0].write(unet.resolve("s1.safetensors"));
            writers[1].write(unet.resolve("s2.safetensors"));
        }
        Files.delete(unet.resolve(WEIGHTS));
        Files.writeString(unet.resolve(indexName), "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
    }

    Path singleFile(String prefix) throws IOException {
        Path file = folder.resolve("lotus-depth-d.safetensors");
        try (SafetensorsFile unet = SafetensorsFile.open(folder.resolve("unet").resolve(WEIGHTS))) {
            SafetensorsWriter writer = new SafetensorsWriter();
            unet.tensors().forEach(tensor -> writer.tensor(prefix + tensor.name(), tensor));
            writer.write(file);
        }
        Files.move(folder.resolve("unet/config.json"), folder.resolve("config.json"));
        deleteTree(folder.resolve("unet"));
        deleteTree(folder.resolve("text_encoder"));
        new SafetensorsWriter()
                .tensor("prompt_embeds", DType.F16, new int[] {1, 2, WIDTH}, ramp())
                .write(folder.resolve("prompt.safetensors"));
        return file;
    }

    void opensWhole() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            askForAll(checkpoint.unet());
            checkpoint.unet().requireComplete();
        }
    }

    static void askForAll(Component component) {
        SyntheticCheckpoint.tensors(Architecture.TINY, component.name(), Mode.D)
                .forEach((key, shape) -> component.weights().parameter(key, shape));
    }

    void embeddingIsRead() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Parameter embedding = checkpoint.promptEmbedding().orElseThrow();
            assertThat(embedding.shape()).containsExactly(1, 2, WIDTH);
            assertThat(embedding.toFloats()).isEqualTo(ramp());
            assertThat(checkpoint.textEncoder()).isEmpty();
        }
    }

    static float[] ramp() {
        float[] values = new float[2 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return values;
    }

    static byte[] bytes(DType dtype) {
        return ArrayParameter.of("e", dtype, ramp(), 2, WIDTH).data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    int[] tokens() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.promptTokens();
        }
    }

    static void refused(Path path, String... words) {
        assertThatThrownBy(() -> Checkpoint.open(path).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(words);
    }

    static void deleteTree(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
