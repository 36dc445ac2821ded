package io.github.lotus4j.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with the names of the original code of latent diffusion. */
class LatentDiffusionNamesTest extends CheckpointCases {
    private static UnaryOperator<String> renaming(String component) {
        return component.equals("unet") ? LdmCheckpoint::unet : LdmCheckpoint::vae;
    }

    /** Names as they stand in Stable Diffusion 2's own file. */
    @ParameterizedTest
    @CsvSource({
        "unet, down_blocks.0.resnets.0.norm1.weight, input_blocks.1.0.in_layers.0.weight",
        "unet, down_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.bias,"
                + " input_blocks.8.1.transformer_blocks.0.ff.net.0.proj.bias",
        "unet, down_blocks.1.downsamplers.0.conv.weight, input_blocks.6.0.op.weight",
        "unet, down_blocks.3.resnets.1.conv2.bias, input_blocks.11.0.out_layers.3.bias",
        "unet, mid_block.resnets.1.time_emb_proj.weight, middle_block.2.emb_layers.1.weight",
        "unet, up_blocks.0.upsamplers.0.conv.weight, output_blocks.2.1.conv.weight",
        "unet, up_blocks.1.upsamplers.0.conv.weight, output_blocks.5.2.conv.weight",
        "unet, up_blocks.3.attentions.2.proj_in.weight, output_blocks.11.1.proj_in.weight",
        "unet, up_blocks.3.resnets.0.conv_shortcut.weight, output_blocks.9.0.skip_connection.weight",
        "unet, class_embedding.linear_2.weight, label_emb.0.2.weight",
        "unet, conv_norm_out.bias, out.0.bias",
        "vae, encoder.down_blocks.2.downsamplers.0.conv.bias, encoder.down.2.downsample.conv.bias",
        "vae, encoder.down_blocks.1.resnets.0.conv_shortcut.weight, encoder.down.1.block.0.nin_shortcut.weight",
        "vae, decoder.up_blocks.0.resnets.2.conv1.weight, decoder.up.3.block.2.conv1.weight",
        "vae, decoder.up_blocks.2.upsamplers.0.conv.weight, decoder.up.1.upsample.conv.weight",
        "vae, decoder.mid_block.resnets.0.norm1.weight, decoder.mid.block_1.norm1.weight",
        "vae, encoder.mid_block.attentions.0.to_out.0.weight, encoder.mid.attn_1.proj_out.weight",
        "vae, encoder.mid_block.attentions.0.group_norm.bias, encoder.mid.attn_1.norm.bias",
        "vae, decoder.conv_norm_out.weight, decoder.norm_out.weight",
        "vae, post_quant_conv.bias, post_quant_conv.bias"
    })
    void namesAreThoseOfStableDiffusion(String component, String today, String original) {
        Set<String> stored = SyntheticCheckpoint.tensors(Architecture.FULL, component, Mode.D).keySet().stream()
                .map(renaming(component))
                .collect(Collectors.toSet());
        assertThat(stored).contains(original);
        LatentDiffusionNames names = LatentDiffusionNames.of(component, stored).orElseThrow();
        assertThat(names.original(today)).contains(original);
        assertThat(names.today(original)).contains(today);
    }

    @ParameterizedTest
    @CsvSource({"unet, ''", "unet, model.diffusion_model.", "vae, ''", "vae, first_stage_model.", "vae, model/vae/"})
    void everyNameHasOneCounterpart(String component, String prefix) {
        for (Architecture architecture : Architecture.values()) {
            Set<String> today =
                    SyntheticCheckpoint.tensors(architecture, component, Mode.G).keySet();
            Set<String> stored = today.stream()
                    .map(renaming(component).andThen(prefix::concat))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(stored).hasSameSizeAs(today);
            LatentDiffusionNames names =
                    LatentDiffusionNames.of(component, stored).orElseThrow();
            assertThat(stored.stream().map(name -> names.today(name).orElseThrow()))
                    .containsExactlyInAnyOrderElementsOf(today);
            assertThat(today.stream().map(name -> names.original(name).orElseThrow()))
                    .containsExactlyInAnyOrderElementsOf(stored);
            assertThat(LatentDiffusionNames.of(component, today)).isEmpty();
        }
        assertThat(LatentDiffusionNames.of("text_encoder", List.of("input_blocks.0.0.weight")))
                .isEmpty();
    }

    @Test
    void foldersOfOriginalNamesHaveTodays() throws IOException {
        LdmCheckpoint.rename(folder);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            for (Component each : List.of(checkpoint.unet(), checkpoint.vae())) {
                askForAll(each);
                each.requireComplete();
                assertThat(each.tensors().keySet())
                        .containsExactlyInAnyOrderElementsOf(
                                SyntheticCheckpoint.tensors(Architecture.TINY, each.name(), Mode.D)
                                        .keySet());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"down_blocks.0.resnets.0.norm1.weight", "up_blocks.2.upsamplers.0.conv.bias", "conv_in.bias"})
    void missingTensorIsNamedInBothNamings(String key) throws IOException {
        LdmCheckpoint.rename(folder);
        String original = LdmCheckpoint.UNET + LdmCheckpoint.unet(key);
        rewrite("unet", (name, tensor, writer) -> {
            if (!name.equals(original)) {
                writer.tensor(name, tensor);
            }
        });
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            askForAll(checkpoint.unet());
            assertThat(checkpoint.unet().problems())
                    .singleElement()
                    .asString()
                    .startsWith("missing: unet/" + key + " (there " + original + "), expected [");
        }
    }

    @Test
    void misshapenAndSurplusTensorsAreNamedInBothNamings() throws IOException {
        LdmCheckpoint.rename(folder);
        rewrite("vae", (name, tensor, writer) -> {
            if (name.equals("first_stage_model.decoder.up.0.block.1.norm1.bias")) {
                writer.tensor(name, DType.F16, new int[] {3}, new float[3]);
                writer.tensor("first_stage_model.decoder.up.0.block.7.norm1.bias", tensor);
            } else {
                writer.tensor(name, tensor);
            }
        });
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            askForAll(checkpoint.vae());
            assertThat(checkpoint.vae().problems())
                    .satisfiesExactly(
                            first -> assertThat(first)
                                    .startsWith("mis-shaped: vae/decoder.up_blocks.3.resnets.1.norm1.bias"
                                            + " (there first_stage_model.decoder.up.0.block.1.norm1.bias) is [3]"),
                            second -> assertThat(second)
                                    .startsWith("surplus: vae/decoder.up_blocks.3.resnets.7.norm1.bias"
                                            + " (there first_stage_model.decoder.up.0.block.7.norm1.bias) ["));
        }
    }

    /** A UNet's file, a VAE's beside it, as ComfyUI has them; {@code vae/} only says how it is built. */
    private Path files(String unet, String vae) throws IOException {
        Path file = folder.resolve("lotus-depth-d.safetensors");
        LdmCheckpoint.copy(folder.resolve("unet"), unet, LdmCheckpoint::unet, file);
        LdmCheckpoint.copy(folder.resolve("vae"), vae, LdmCheckpoint::vae, folder.resolve("some-vae.safetensors"));
        Files.move(folder.resolve("unet/config.json"), folder.resolve("config.json"));
        deleteTree(folder.resolve("unet"));
        Files.delete(folder.resolve("vae").resolve(WEIGHTS));
        return file;
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "model.diffusion_model., first_stage_model.", "model.diffusion_model., ''"})
    void singleFilesBesideEachOther(String unet, String vae) throws IOException {
        Path file = files(unet, vae);
        for (Path path : new Path[] {file, folder}) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                assertThat(checkpoint.unet().files()).containsExactly(file);
                assertThat(checkpoint.vae().files()).containsExactly(folder.resolve("some-vae.safetensors"));
                askForAll(checkpoint.unet());
                askForAll(checkpoint.vae());
                Component.requireComplete(checkpoint.components().subList(0, 2));
            }
        }
    }

    @Test
    void wholeCheckpointHoldsTheVaeToo() throws IOException {
        Path file = files(LdmCheckpoint.UNET, LdmCheckpoint.VAE);
        Path unet = Files.move(file, temp.resolve("unet.safetensors"));
        Path vae = Files.move(folder.resolve("some-vae.safetensors"), temp.resolve("vae.safetensors"));
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile one = SafetensorsFile.open(unet);
                SafetensorsFile other = SafetensorsFile.open(vae)) {
            Stream.concat(one.tensors().stream(), other.tensors().stream())
                    .forEach(tensor -> writer.tensor(tensor.name(), tensor));
            writer.tensor("cond_stage_model.model.ln_final.bias", DType.F16, new int[] {2}, new float[2]);
            writer.write(file);
        }
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.vae().files()).containsExactly(file);
            askForAll(checkpoint.unet());
            askForAll(checkpoint.vae());
            Component.requireComplete(checkpoint.components().subList(0, 2));
        }
    }

    @Test
    void whatOnlyTrainingNeedsIsNoPartOfAVae() throws IOException {
        Path file = files("", "");
        Path vae = folder.resolve("some-vae.safetensors");
        Path copy = Files.move(vae, temp.resolve("before.safetensors"));
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile before = SafetensorsFile.open(copy)) {
            before.tensors().forEach(tensor -> writer.tensor(tensor.name(), tensor));
            writer.tensor("loss.logvar", DType.F32, new int[] {1}, new float[1])
                    .tensor("model_ema.decay", DType.F32, new int[] {1}, new float[1])
                    .write(vae);
        }
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            askForAll(checkpoint.vae());
            assertThat(checkpoint.vae().problems()).isEmpty();
        }
    }

    @Test
    void vaeElsewhereMayBeAFile() throws IOException {
        Path file = files("", "");
        Path vae = Files.move(folder.resolve("some-vae.safetensors"), temp.resolve("vae-ft.safetensors"));
        refused(file, "vae has no weights");
        try (Checkpoint checkpoint = Checkpoint.open(file, vae)) {
            assertThat(checkpoint.vae().files()).containsExactly(vae);
        }
        deleteTree(folder.resolve("vae"));
        refused(file, "vae does not exist", "a file with it beside the UNet's");
        Files.copy(vae, folder.resolve("one.safetensors"));
        Files.copy(vae, folder.resolve("two.safetensors"));
        refused(file, "more than one VAE", "one.safetensors", "two.safetensors");
    }

    @Test
    void filesThatHoldNeitherAreRefused() throws IOException {
        Path file = files("", "");
        refused(folder.resolve("some-vae.safetensors"), "holds no UNet", "conv_in.weight", "input_blocks");
        assertThatThrownBy(() -> Checkpoint.open(file, file).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("holds no VAE", "decoder.mid");
    }

    /** A Stable Diffusion 2 that is no Lotus. */
    @Test
    void classEmbeddingThatIsMissingIsNamedInBothNamings() {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String key : new String[] {
            "conv_in.weight",
            "conv_out.weight",
            "mid_block.attentions.0.proj_in.weight",
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"
        }) {
            int[] shape = SyntheticCheckpoint.tensors(Architecture.FULL, "unet", Mode.D)
                    .get(key);
            writer.tensor(
                    LdmCheckpoint.UNET + LdmCheckpoint.unet(key),
                    DType.F16,
                    requireNonNull(shape),
                    (offset, piece) -> {});
        }
        Path file = temp.resolve("v2-1.safetensors");
        writer.write(file);
        refused(
                file,
                "unet/class_embedding.linear_1.weight (there model.diffusion_model.label_emb.0.0.weight) is missing",
                "[1280, 4]");
    }
}
