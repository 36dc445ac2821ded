package io.github.lotus4j.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a checkpoint says of its tensors and files, and of what is wrong with them. */
class CheckpointTest extends CheckpointCases {
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
    void fingerprintChangesWithFilesAndConfigs() throws IOException {
        Path weights = folder.resolve("unet").resolve(WEIGHTS);
        Path config = folder.resolve("text_encoder/config.json");
        String first = fingerprint();
        assertThat(fingerprint()).isEqualTo(first).matches("[0-9a-f]{64}");
        FileTime modified = Files.getLastModifiedTime(weights);
        Files.setLastModifiedTime(weights, FileTime.fromMillis(modified.toMillis() + 1));
        assertThat(fingerprint()).isNotEqualTo(first);
        Files.setLastModifiedTime(weights, modified);
        assertThat(fingerprint()).isEqualTo(first);
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1; // of a bias, which is seen whole
        Files.write(weights, bytes);
        Files.setLastModifiedTime(weights, modified);
        String second = fingerprint();
        assertThat(second).isNotEqualTo(first);
        Files.writeString(config, Files.readString(config) + " ");
        assertThat(fingerprint()).isNotEqualTo(second);
    }

    @Test
    void fingerprintChangesWithWhatElseDecidesAPrediction() throws IOException {
        Set<String> all = new HashSet<>(Set.of(fingerprint()));
        Files.writeString(folder.resolve("model_index.json"), "{\"default_processing_resolution\": 640}");
        assertThat(all.add(fingerprint())).isTrue();
        Files.delete(folder.resolve("scheduler/scheduler_config.json"));
        assertThat(all.add(fingerprint())).isTrue();
        Path vocabulary = folder.resolve("tokenizer/vocab.json");
        Files.writeString(vocabulary, Files.readString(vocabulary).replace("512", "511"));
        assertThat(all.add(fingerprint())).isTrue();
        int bytes = 2 * 2 * 48; // F16, two tokens of the UNet's cross_attention_dim
        Path prompt = folder.resolve("prompt.bin");
        for (int changed : new int[] {0, bytes - 1}) {
            byte[] halves = new byte[bytes];
            halves[changed] = 1;
            Files.write(prompt, halves);
            assertThat(all.add(fingerprint())).isTrue();
        }
    }

    @Test
    void fingerprintOfTheContentIsThatOfEveryCopy() throws IOException {
        Path weights = folder.resolve("unet").resolve(WEIGHTS);
        String first = contentFingerprint();
        assertThat(first).matches("[0-9a-f]{64}").isNotEqualTo(fingerprint());
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1));
        assertThat(contentFingerprint()).isEqualTo(first);
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertThat(contentFingerprint()).isNotEqualTo(first);
    }

    private String contentFingerprint() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.contentFingerprint();
        }
    }

    private String fingerprint() {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.fingerprint();
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

    @Test
    void filesThatHoldNoUnet() {
        refused(folder.resolve("vae").resolve(WEIGHTS), "holds no UNet", "conv_in.weight");
        Path original = temp.resolve("sd.safetensors");
        new SafetensorsWriter()
                .tensor("model.diffusion_model.input_blocks.0.0.weight", DType.F32, new int[] {1}, new float[1])
                .write(original);
        refused(original, "unet/conv_out.weight (there model.diffusion_model.out.2.weight) is missing");
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
    @Fault(
            value = "weights end too early",
            by = "the VAE's file without its last 100 bytes",
            then = "a CheckpointException that names it")
    void truncatedWeights() throws IOException {
        Path file = folder.resolve("vae").resolve(WEIGHTS);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
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
            assertThatThrownBy(checkpoint::defaultProcessingResolution).hasMessageContainingAll("-1", "0 to 16384");
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
        for (String wrong : new String[] {"\"eos_token_id\": 513", "\"bos_token_id\": 512"}) {
            String misleading = json.replace(wrong, wrong.substring(0, 16) + "2");
            Files.writeString(config, misleading.replace("\"vocab_size\": 514", "\"vocab_size\": 49408"));
            assertThat(tokens()).containsExactly(49406, 49407);
            Files.writeString(config, misleading);
            assertThatThrownBy(this::tokens).hasMessageContainingAll("config.json", "token 49406", "of 514");
        }
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
    @Fault(
            value = "weights are shortened while they are open",
            by = "truncating the file under its mapping",
            then = "a CheckpointException that names the file; the process goes on")
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
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(last::toFloats)
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
}
