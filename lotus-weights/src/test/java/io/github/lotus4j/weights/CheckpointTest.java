package io.github.lotus4j.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final int WIDTH = 48;
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void writeCheckpoint() throws IOException {
        folder = SyntheticCheckpoint.write(temp.resolve("lotus"), Architecture.TINY, Mode.D, 1, DType.F16);
    }

    @Test
    void aWholeFolder() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.name()).isEqualTo("lotus");
            assertThat(checkpoint.path()).isEqualTo(folder);
            assertThat(checkpoint.scheduler().text("prediction_type", "")).isEqualTo("sample");
            assertThat(checkpoint.textEncoder()).isPresent();
            assertThat(checkpoint.promptEmbedding()).isEmpty();
            assertThat(checkpoint.defaultProcessingResolution()).isEmpty();
            Component unet = checkpoint.unet();
            assertThat(unet.elementsByType()).containsOnlyKeys(DType.F16);
            assertThat(unet.bytes())
                    .isEqualTo(2 * requireNonNull(unet.elementsByType().get(DType.F16)));
            assertThat(unet.find("conv_in.weight"))
                    .get()
                    .extracting(Parameter::shape)
                    .isEqualTo(new int[] {32, 4, 3, 3});
        }
    }

    @Test
    void aModelThatAsksForEverythingIsComplete() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            checkpoint.components().forEach(CheckpointTest::askForAll);
            Component.requireComplete(checkpoint.components());
        }
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Component vae = checkpoint.vae();
            Map<String, int[]> asked = SyntheticCheckpoint.tensors(Architecture.TINY, "vae", Mode.D);
            asked.remove("quant_conv.bias");
            asked.put("encoder.conv_in.weight", new int[] {32, 4, 3, 3});
            asked.put("encoder.extra.weight", new int[] {5});
            asked.forEach((key, shape) -> vae.weights().parameter(key, shape));
            assertThatThrownBy(vae::requireComplete)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll(
                            "missing: vae/encoder.extra.weight, expected [5] in " + folder.resolve("vae"),
                            "mis-shaped: vae/encoder.conv_in.weight is [32, 3, 3, 3], expected [32, 4, 3, 3]",
                            "surplus: vae/quant_conv.bias [8]",
                            folder.resolve("vae").resolve(WEIGHTS).toString());
            assertThat(vae.problems()).hasSize(3);
        }
    }

    @Test
    void longListsAreCutAndCounted() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.unet().problems())
                    .hasSize(21)
                    .last()
                    .asString()
                    .isEqualTo("… and 670 more surplus");
        }
    }

    @Test
    void aParameterThatIsNotThereHasAShapeButNoData() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Parameter absent = checkpoint.unet().weights().child("no").parameter("where", 2, 3);
            assertThat(absent.elements()).isEqualTo(6);
            assertThatThrownBy(absent::toFloats)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("unet/no.where");
        }
    }

    @Test
    void namesGrowByChildren() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            ModuleWeights resnet =
                    checkpoint.unet().weights().child("down_blocks.0").child("resnets.1");
            assertThat(resnet.path()).isEqualTo("unet/down_blocks.0.resnets.1");
            assertThat(resnet.has("conv1.weight")).isTrue();
            assertThat(resnet.has("conv_shortcut.weight")).isFalse();
            assertThat(resnet.parameter("conv1.bias", 32).name()).isEqualTo("unet/down_blocks.0.resnets.1.conv1.bias");
        }
    }

    @Test
    void oldAttentionNamesAsConvolutions() throws IOException {
        rewrite("vae", (key, tensor, writer) -> {
            String old = key.replaceFirst("(attentions\\.0\\.)to_q\\.", "$1query.")
                    .replaceFirst("(attentions\\.0\\.)to_k\\.", "$1key.")
                    .replaceFirst("(attentions\\.0\\.)to_v\\.", "$1value.")
                    .replaceFirst("(attentions\\.0\\.)to_out\\.0\\.", "$1proj_attn.");
            int[] shape = tensor.shape();
            boolean matrix = !old.equals(key) && shape.length == 2;
            int[] stored = matrix ? new int[] {shape[0], shape[1], 1, 1} : shape;
            writer.tensor(old, tensor.dtype(), stored, tensor.toFloats());
        });
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Component vae = checkpoint.vae();
            assertThat(vae.files()).hasSize(1);
            askForAll(vae);
            vae.requireComplete();
            Parameter q = vae.weights().parameter("encoder.mid_block.attentions.0.to_q.weight", 64, 64);
            assertThat(q.shape()).containsExactly(64, 64);
            float[] expected = new float[2];
            SyntheticCheckpoint.fill("vae/encoder.mid_block.attentions.0.to_q.weight", q.shape(), 1, 0, expected, 0, 2);
            assertThat(q.toFloats()[1]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(expected[1])));
        }
    }

    @Test
    void positionIdsAreNoSurplusThoughIntegers() throws IOException {
        rewrite("text_encoder", (key, tensor, writer) -> {
            writer.tensor(key, tensor);
            if (key.endsWith("token_embedding.weight")) {
                writer.tensor(
                        "text_model.embeddings.position_ids",
                        DType.I64,
                        new int[] {1, 77},
                        (o, piece) -> piece.fill((byte) 0));
            }
        });
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Component encoder = checkpoint.textEncoder().orElseThrow();
            askForAll(encoder);
            encoder.requireComplete();
        }
    }

    @Test
    void tensorOfIntegersIsNoWeight() throws IOException {
        rewrite(
                "vae",
                (key, tensor, writer) -> writer.tensor(
                        key,
                        key.equals("quant_conv.bias") ? DType.I16 : tensor.dtype(),
                        tensor.shape(),
                        (offset, piece) -> piece.fill((byte) 0)));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            askForAll(checkpoint.vae());
            assertThat(checkpoint.vae().problems())
                    .singleElement()
                    .asString()
                    .contains("mis-stored: vae/quant_conv.bias is I16");
        }
    }

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
        java.util.Arrays.fill(file, (byte) ' ');
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

    @Test
    void filesThatHoldNoUnet() {
        refused(folder.resolve("vae").resolve(WEIGHTS), "holds no UNet", "conv_in.weight");
        Path original = temp.resolve("sd.safetensors");
        new SafetensorsWriter()
                .tensor("model.diffusion_model.input_blocks.0.0.weight", DType.F32, new int[] {1}, new float[1])
                .write(original);
        refused(original, "original Stable Diffusion code", "diffusers' names");
    }

    @Test
    void foldersThatAreNoCheckpoint() throws IOException {
        refused(temp.resolve("Lotus-"), "does not exist", "did you mean " + folder);
        refused(temp, "unet does not exist", "did you mean " + folder);
        Path empty = Files.createDirectory(temp.resolve("empty"));
        refused(empty, "unet does not exist", "the UNet");
        deleteTree(folder.resolve("vae"));
        refused(folder, "vae does not exist", "VAE");
    }

    @Test
    void aFolderInsideTheCheckpoint() {
        refused(folder.resolve("text_encoder"), "did you mean " + folder);
    }

    @Test
    void pytorchFormatsAreNotRead() throws IOException {
        Path unet = folder.resolve("unet");
        Files.move(unet.resolve(WEIGHTS), unet.resolve("diffusion_pytorch_model.bin"));
        refused(folder, "unet has no weights", "diffusion_pytorch_model.bin", "convert to safetensors");
    }

    @Test
    void truncatedWeights() throws IOException {
        Path file = folder.resolve("vae").resolve(WEIGHTS);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 100));
        refused(folder, file.toString(), "cut short");
    }

    @Test
    void hubCacheIsCalledByItsRepository() throws IOException {
        Path snapshots = Files.createDirectories(temp.resolve("models--jingheya--lotus-depth-d-v1-0/snapshots"));
        Path snapshot = Files.move(folder, snapshots.resolve("0123abcd"));
        try (Checkpoint checkpoint = Checkpoint.open(snapshot)) {
            assertThat(checkpoint.name()).isEqualTo("lotus-depth-d-v1-0");
        }
        refused(requireNonNull(snapshots.getParent()), "did you mean " + snapshot);
    }

    @Test
    void processingResolutionOfItsOwn() throws IOException {
        Path index = folder.resolve("model_index.json");
        Files.writeString(index, "{\"default_processing_resolution\": 512}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.defaultProcessingResolution()).hasValue(512);
        }
        Files.writeString(index, "{\"default_processing_resolution\": null}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.defaultProcessingResolution()).isEmpty();
        }
        Files.writeString(index, "{\"default_processing_resolution\": -1}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThatThrownBy(checkpoint::defaultProcessingResolution).hasMessageContainingAll("-1", "at least 0");
        }
    }

    @Test
    void schedulerUnderEitherNameOrNone() throws IOException {
        Path current = folder.resolve("scheduler/scheduler_config.json");
        Path old = Files.move(current, current.resolveSibling("config.json"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.scheduler().has("beta_start")).isTrue();
        }
        Files.delete(old);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.scheduler().has("beta_start")).isFalse();
        }
    }

    @Test
    void promptTokensComeFromVocabularyThenConfigThenClip() throws IOException {
        Path vocabulary = folder.resolve("tokenizer/vocab.json");
        Files.writeString(vocabulary, "{\"<|startoftext|>\": 3, \"<|endoftext|>\": 4}");
        assertThat(tokens()).containsExactly(3, 4);
        Files.writeString(vocabulary, "{\"<|startoftext|>\": 3}");
        assertThatThrownBy(this::tokens).hasMessageContainingAll("vocab.json", "<|endoftext|> is missing");
        Files.delete(vocabulary);
        assertThat(tokens()).containsExactly(512, 513);
        Path config = folder.resolve("text_encoder/config.json");
        String json = Files.readString(config);
        Files.writeString(config, json.replace("\"eos_token_id\": 513", "\"eos_token_id\": 2"));
        assertThat(tokens()).containsExactly(49406, 49407);
        Files.writeString(config, json.replace("\"bos_token_id\": 512", "\"bos_token_id\": 0"));
        assertThat(tokens()).containsExactly(49406, 49407);
    }

    @Test
    void networksAreTheSameOnlyIfEveryBitIs(@TempDir Path elsewhere) throws IOException {
        SyntheticCheckpoint.write(elsewhere, Architecture.TINY, Mode.G, 1, DType.F16);
        try (Checkpoint one = Checkpoint.open(folder);
                Checkpoint other = Checkpoint.open(elsewhere)) {
            assertThat(one.vae().sameAs(other.vae())).isTrue();
            assertThat(one.unet().sameAs(other.unet())).isFalse();
        }
        SyntheticCheckpoint.write(elsewhere, Architecture.TINY, Mode.D, 2, DType.F16);
        try (Checkpoint one = Checkpoint.open(folder);
                Checkpoint other = Checkpoint.open(elsewhere)) {
            assertThat(one.vae().sameAs(other.vae())).isFalse();
        }
    }

    @Test
    void fileThatIsShortenedWhileOpenIsReported() throws IOException {
        Path file = folder.resolve("unet/diffusion_pytorch_model.safetensors");
        try (SafetensorsFile open = SafetensorsFile.open(file);
                Arena arena = Arena.ofConfined()) {
            Parameter last = open.tensors().getLast();
            MemorySegment bytes = arena.allocate(last.data().byteSize());
            last.read(0, bytes);
            assertThat(bytes.mismatch(last.data())).isEqualTo(-1);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 1);
            }
            assertThatThrownBy(() -> last.read(0, bytes))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll(file.toString(), "shortened");
        }
    }

    @Test
    void closingTwiceIsFine() {
        Checkpoint checkpoint = Checkpoint.open(folder);
        checkpoint.close();
        checkpoint.close();
    }

    private interface Rewriting {
        void tensor(String key, Parameter tensor, SafetensorsWriter writer);
    }

    private void rewrite(String component, Rewriting rewriting) throws IOException {
        Path file = folder.resolve(component).resolve(component.equals("text_encoder") ? "model.safetensors" : WEIGHTS);
        Path copy = Files.move(file, temp.resolve("before.safetensors"));
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile before = SafetensorsFile.open(copy)) {
            before.tensors().forEach(tensor -> rewriting.tensor(tensor.name(), tensor, writer));
            writer.write(file);
        }
    }

    /** Splits the UNet's file in two, tensor by tensor. */
    private void shard(String indexName) throws IOException {
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

    private Path singleFile(String prefix) throws IOException {
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

    private void opensWhole() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            askForAll(checkpoint.unet());
            checkpoint.unet().requireComplete();
        }
    }

    private static void askForAll(Component component) {
        SyntheticCheckpoint.tensors(Architecture.TINY, component.name(), Mode.D)
                .forEach((key, shape) -> component.weights().parameter(key, shape));
    }

    private void embeddingIsRead() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Parameter embedding = checkpoint.promptEmbedding().orElseThrow();
            assertThat(embedding.shape()).containsExactly(1, 2, WIDTH);
            assertThat(embedding.toFloats()).isEqualTo(ramp());
            assertThat(checkpoint.textEncoder()).isEmpty();
        }
    }

    private static float[] ramp() {
        float[] values = new float[2 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return values;
    }

    private static byte[] bytes(DType dtype) {
        return ArrayParameter.of("e", dtype, ramp(), 2, WIDTH).data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private int[] tokens() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.promptTokens();
        }
    }

    private static void refused(Path path, String... words) {
        assertThatThrownBy(() -> Checkpoint.open(path).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(words);
    }

    private static void deleteTree(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
