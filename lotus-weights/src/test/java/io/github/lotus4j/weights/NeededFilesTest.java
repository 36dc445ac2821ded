package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which files of a repository are needed. */
class NeededFilesTest {
    private static final List<String> PUBLISHED = List.of(
            ".gitattributes",
            "README.md",
            "model_index.json",
            "feature_extractor/preprocessor_config.json",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.safetensors",
            "text_encoder/pytorch_model.bin",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "unet/diffusion_pytorch_model.bin",
            "unet/notes.json",
            "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors");

    private static List<String> with(String... more) {
        List<String> files = new ArrayList<>(PUBLISHED);
        files.removeIf(file -> file.startsWith("unet/diffusion"));
        files.addAll(List.of(more));
        return files;
    }

    private static List<String> unet(List<String> files, boolean fp16) {
        return Checkpoint.neededFiles(files, fp16).stream()
                .filter(file -> file.startsWith("unet/") && !file.endsWith("/config.json"))
                .toList();
    }

    @Test
    void eachNetworkOnce() {
        assertThat(Checkpoint.neededFiles(PUBLISHED, false))
                .containsExactlyInAnyOrder(
                        "model_index.json",
                        "scheduler/scheduler_config.json",
                        "text_encoder/config.json",
                        "text_encoder/model.safetensors",
                        "tokenizer/merges.txt",
                        "tokenizer/vocab.json",
                        "unet/config.json",
                        "unet/diffusion_pytorch_model.safetensors",
                        "vae/config.json",
                        "vae/diffusion_pytorch_model.safetensors");
    }

    @Test
    void halfPrecisionWhereThereIsIt() {
        assertThat(Checkpoint.neededFiles(PUBLISHED, true))
                .hasSize(10)
                .contains("unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.safetensors");
        assertThatThrownBy(() -> unet(with("unet/diffusion_pytorch_model.safetensors"), true))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no fp16");
        assertThat(unet(with("unet/diffusion_pytorch_model.fp16.safetensors"), false))
                .hasSize(1);
    }

    @Test
    void shardsOfTheIndexThatIsTaken() {
        String full = "unet/diffusion_pytorch_model.safetensors.index.json";
        String half = "unet/diffusion_pytorch_model.fp16.safetensors.index.json";
        String fullShard = "unet/diffusion_pytorch_model-00001-of-00002.safetensors";
        String halfShard = "unet/diffusion_pytorch_model.fp16-00001-of-00002.safetensors";
        String otherHalf = "unet/diffusion_pytorch_model-00001-of-00002.fp16.safetensors";
        List<String> files = with(full, half, fullShard, halfShard, otherHalf);
        assertThat(unet(files, false)).containsExactlyInAnyOrder(full, fullShard);
        assertThat(unet(files, true)).containsExactlyInAnyOrder(half, halfShard, otherHalf);
    }

    @Test
    void aNetworkWithoutSafetensorsIsNamed() {
        assertThatThrownBy(() -> unet(with("unet/diffusion_pytorch_model.bin"), false))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("unet/", "diffusion_pytorch_model.bin");
        assertThatThrownBy(() -> unet(List.of("model.safetensors"), false)).hasMessageContaining("no such folder");
    }
}
