package io.github.lotus4j.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layouts in which checkpoints are published. */
class CheckpointLayoutTest extends CheckpointCases {
    @ParameterizedTest
    @ValueSource(strings = {"diffusion_pytorch_model.fp16.safetensors", "model.safetensors", "model.fp16.safetensors"})
    void otherNamesOfTheWholeFile(String name) throws IOException {
        Files.move(
                folder.resolve("unet").resolve(WEIGHTS), folder.resolve("unet").resolve(name));
        opensWhole();
    }

    @Test
    void fullPrecisionIsPreferred() throws IOException {
        Path plain = folder.resolve("unet").resolve(WEIGHTS);
        Files.writeString(plain.resolveSibling("diffusion_pytorch_model.fp16.safetensors"), "never read");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.unet().files()).containsExactly(plain);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "diffusion_pytorch_model.safetensors.index.json",
                "diffusion_pytorch_model.safetensors.index.fp16.json",
                "diffusion_pytorch_model.safetensors.fp16.index.json",
                "diffusion_pytorch_model.fp16.safetensors.index.json"
            })
    void shards(String index) throws IOException {
        shard(index);
        opensWhole();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../vae/" + WEIGHTS, "/etc/x.safetensors", "..\\x.safetensors", "C:x.safetensors", "a.bin"})
    @Fault(
            value = "an index names a file outside of its folder",
            by = "shards with paths, absolute ones and ..",
            then = "a CheckpointException that names the tensor that is said to be there")
    void shardElsewhereIsRefused(String shard) throws IOException {
        Files.delete(folder.resolve("unet").resolve(WEIGHTS));
        Files.writeString(
                folder.resolve("unet").resolve(WEIGHTS + ".index.json"),
                "{\"weight_map\": {\"conv_in.weight\": \"" + shard.replace("\\", "\\\\") + "\"}}");
        refused(folder, "conv_in.weight is said to be in", "beside the index");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"{}; nothing", "{\"weight_map\": 1}; a number", "{\"weight_map\": {}}; an object"})
    void indexWithoutMap(String json, String found) throws IOException {
        Files.delete(folder.resolve("unet").resolve(WEIGHTS));
        Files.writeString(folder.resolve("unet").resolve(WEIGHTS + ".index.json"), json);
        refused(folder, "weight_map is " + found);
    }

    @Test
    void indexThatDoesNotFitItsShardsIsReportedWhole() throws IOException {
        shard(WEIGHTS + ".index.json");
        Path index = folder.resolve("unet").resolve(WEIGHTS + ".index.json");
        String json = Files.readString(index)
                .replace("\"conv_in.weight\": \"s1.safetensors\"", "\"conv_in.weight\": \"s2.safetensors\"")
                .replace("\"conv_in.bias\": \"s2.safetensors\"", "\"conv_in.bias\": \"s3.safetensors\"");
        Files.writeString(index, json);
        refused(
                folder,
                "conv_in.weight is in s1.safetensors, though",
                "conv_in.weight is not in s2.safetensors, where",
                "conv_in.bias is in s2.safetensors, though",
                "shard s3.safetensors does not exist; it should hold 1 tensors");
    }

    @ParameterizedTest
    @CsvSource({"[1;2;48], F32", "[2;48], F16", "[1;2;48], BF16"})
    void promptEmbeddingInsteadOfATextEncoder(String shape, DType dtype) throws IOException {
        deleteTree(folder.resolve("text_encoder"));
        int[] dimensions = shape.length() > 6 ? new int[] {1, 2, WIDTH} : new int[] {2, WIDTH};
        new SafetensorsWriter().tensor("any", dtype, dimensions, ramp()).write(folder.resolve("empty.safetensors"));
        embeddingIsRead();
    }

    @Test
    void promptEmbeddingAsBareElements() throws IOException {
        deleteTree(folder.resolve("text_encoder"));
        Path file = folder.resolve("empty_prompt_embeds.bin");
        Files.write(file, bytes(DType.F16));
        embeddingIsRead();
        Files.write(file, bytes(DType.F32));
        embeddingIsRead();
        Files.write(file, new byte[WIDTH]);
        refused(folder, "neither text_encoder/ nor", "[1, 2, 48]");
    }

    @Test
    void embeddingFileOfAnyNameWithASafetensorsHeaderPaddedToAPage() throws IOException {
        deleteTree(folder.resolve("text_encoder"));
        byte[] data = bytes(DType.F16);
        byte[] file = new byte[4096 + data.length];
        Arrays.fill(file, (byte) ' ');
        String json = "{\"p\":{\"dtype\":\"F16\",\"shape\":[1,2,48],\"data_offsets\":[0," + data.length + "]}}";
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(4088)
                .put(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        System.arraycopy(data, 0, file, 4096, data.length);
        Files.write(folder.resolve("prompt_embedding"), file);
        embeddingIsRead();
    }

    @Test
    void textEncoderWithoutWeightsIsNoneWhereThereIsAnEmbedding() throws IOException {
        Files.delete(folder.resolve("text_encoder/model.safetensors"));
        refused(folder, "text_encoder has no weights", "config.json");
        new SafetensorsWriter()
                .tensor("e", DType.F32, new int[] {2, WIDTH}, ramp())
                .write(folder.resolve("e.safetensors"));
        embeddingIsRead();
    }

    @Test
    void twoPromptEmbeddingsAreAmbiguous() {
        for (String name : new String[] {"a.safetensors", "b.safetensors"}) {
            new SafetensorsWriter()
                    .tensor("e", DType.F32, new int[] {2, WIDTH}, ramp())
                    .write(folder.resolve(name));
        }
        refused(folder, "more than one prompt embedding", "a.safetensors", "b.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unet.", "model/unet/"})
    void singleFileBesideItsVae(String prefix) throws IOException {
        Path file = singleFile(prefix);
        for (Path path : new Path[] {file, folder}) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                assertThat(checkpoint.name()).isEqualTo(path.equals(file) ? "lotus-depth-d" : "lotus");
                assertThat(checkpoint.unet().files()).containsExactly(file);
                askForAll(checkpoint.unet());
                checkpoint.unet().requireComplete();
                assertThat(checkpoint.promptEmbedding()).isPresent();
            }
        }
    }

    @Test
    void sameTensorBehindAPrefixAndWithout() throws IOException {
        Path file = singleFile("unet.");
        Path copy = Files.move(file, temp.resolve("before.safetensors"));
        try (SafetensorsFile before = SafetensorsFile.open(copy)) {
            SafetensorsWriter writer = new SafetensorsWriter();
            before.tensors().forEach(tensor -> writer.tensor(tensor.name(), tensor));
            writer.tensor("conv_in.bias", before.tensor("unet.conv_in.bias")).write(file);
        }
        refused(file, "tensor conv_in.bias is both in");
    }

    @Test
    void singleFileWithAVaeFromElsewhere() throws IOException {
        Path file = singleFile("");
        Path elsewhere = Files.move(folder.resolve("vae"), temp.resolve("shared-vae"));
        refused(file, "vae does not exist", "VAE");
        try (Checkpoint checkpoint = Checkpoint.open(file, elsewhere)) {
            assertThat(checkpoint.vae().files()).containsExactly(elsewhere.resolve(WEIGHTS));
        }
    }

    @Test
    void singleFileWithoutConfigMustBeStableDiffusion2() throws IOException {
        Path file = singleFile("");
        Files.delete(folder.resolve("config.json"));
        refused(file, "config.json does not exist", "not Stable Diffusion 2's", "[4, 32, 3, 3]", "[4, 320, 3, 3]");
    }

    @Test
    void configOfStableDiffusion2StandsInWhereTheShapesAreIts() {
        for (Mode mode : Mode.values()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String key : new String[] {
                "conv_in.weight",
                "conv_out.weight",
                "mid_block.attentions.0.proj_in.weight",
                "class_embedding.linear_1.weight",
                "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"
            }) {
                int[] shape = SyntheticCheckpoint.tensors(Architecture.FULL, "unet", mode)
                        .get(key);
                writer.tensor(key, DType.F16, requireNonNull(shape), (offset, piece) -> {});
            }
            Path path = temp.resolve(mode + ".safetensors");
            writer.write(path);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                JsonConfig config = StableDiffusion2.config("unet", path, new TensorTable("unet", path, file.stored()));
                assertThat(config.integer("in_channels", JsonConfig.SIZE)).isEqualTo(mode == Mode.D ? 4 : 8);
                assertThat(config.integers("attention_head_dim", JsonConfig.SIZE, JsonConfig.SIZE))
                        .containsExactly(5, 10, 20, 20);
            }
        }
    }
}
