package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lotus4j.cpu.CpuBackend;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A config that asks for something that is not built is refused by file and key, whoever reads it. */
class ConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final Backend backend = new CpuBackend(new BackendSettings(1, true));

    @AfterEach
    void close() {
        backend.close();
    }

    private void change(String file, String key, String json) throws IOException {
        Path config = folder.resolve(file);
        ObjectNode root =
                Files.exists(config) ? (ObjectNode) JSON.readTree(Files.readString(config)) : JSON.createObjectNode();
        root.set(key, JSON.readTree(json));
        Files.createDirectories(config.resolveSibling("."));
        Files.writeString(config, root.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    unet | act_fn | "relu"
                    unet | addition_embed_type | "text"
                    unet | attention_head_dim | 0
                    unet | attention_head_dim | 7
                    unet | attention_type | "gated"
                    unet | block_out_channels | []
                    unet | block_out_channels | [32, -64]
                    unet | center_input_sample | true
                    unet | class_embed_type | "timestep"
                    unet | class_embeddings_concat | true
                    unet | conv_in_kernel | 5
                    unet | conv_out_kernel | 1
                    unet | cross_attention_norm | "layer_norm"
                    unet | downsample_padding | 0
                    unet | dual_cross_attention | true
                    unet | encoder_hid_dim | 16
                    unet | encoder_hid_dim_type | "text_proj"
                    unet | freq_shift | 1e300
                    unet | in_channels | 0
                    unet | layers_per_block | 100000000
                    unet | mid_block_only_cross_attention | true
                    unet | mid_block_scale_factor | 2
                    unet | mid_block_type | "UNetMidBlock2D"
                    unet | norm_eps | 0
                    unet | norm_eps | -1
                    unet | norm_num_groups | 0
                    unet | norm_num_groups | -8
                    unet | norm_num_groups | 7
                    unet | only_cross_attention | true
                    unet | out_channels | 1.5
                    unet | projection_class_embeddings_input_dim | 6
                    unet | resnet_out_scale_factor | 0.5
                    unet | resnet_skip_time_act | true
                    unet | resnet_time_scale_shift | "scale_shift"
                    unet | reverse_transformer_layers_per_block | [1, 1]
                    unet | time_cond_proj_dim | 8
                    unet | time_embedding_act_fn | "silu"
                    unet | time_embedding_dim | 8
                    unet | time_embedding_type | "fourier"
                    unet | timestep_post_act | "silu"
                    unet | transformer_layers_per_block | 1000000000
                    vae | act_fn | "relu"
                    vae | block_out_channels | 32
                    vae | in_channels | 4
                    vae | latent_channels | 0
                    vae | latents_mean | [0.1, 0.1, 0.1, 0.1]
                    vae | latents_std | [1.1, 1.1, 1.1, 1.1]
                    vae | layers_per_block | 0
                    vae | mid_block_add_attention | false
                    vae | norm_num_groups | 5
                    vae | out_channels | 1
                    vae | scaling_factor | 0
                    vae | shift_factor | 0.1
                    vae | use_post_quant_conv | false
                    vae | use_quant_conv | false
                    text_encoder | hidden_act | "relu"
                    text_encoder | hidden_size | 0
                    text_encoder | layer_norm_eps | 0
                    text_encoder | num_attention_heads | 0
                    text_encoder | num_attention_heads | 7
                    text_encoder | num_hidden_layers | 2000000000
                    text_encoder | vocab_size | -1
                    """)
    void whatIsNotBuiltIsRefused(String component, String key, String value) throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F16);
        change(component + "/config.json", key, value);
        assertThatThrownBy(() -> LoadedCheckpoint.load(folder, backend))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(component, "config.json: " + key + " is");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(CheckpointInspection.of(checkpoint, backend).problems())
                    .anyMatch(problem -> problem.contains("config.json: " + key + " is"));
        }
    }

    @ParameterizedTest
    @CsvSource({"unet, out_channels, 5", "unet, in_channels, 5", "unet, cross_attention_dim, 33"})
    void networksThatDoNotFitEachOtherAreRefused(String component, String key, String value) throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F16);
        change(component + "/config.json", key, value);
        assertThatThrownBy(() -> LoadedCheckpoint.load(folder, backend))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(folder.toString(), "the UNet's " + key + " is " + value);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(CheckpointInspection.of(checkpoint, backend).problems())
                    .anyMatch(problem -> problem.contains("the UNet's " + key + " is " + value));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    tokenizer/vocab.json ; <|startoftext|> ; null ; is null
                    tokenizer/vocab.json ; <|endoftext|> ; 5000000 ; token 5000000 is not in
                    model_index.json ; default_processing_resolution ; -5 ; -5, expected an integer, 0 to 16384
                    """)
    void smallFilesAreCheckedBeforeWeightsAreRead(String file, String key, String value, String words)
            throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.D, 1, DType.F16);
        change(file, key, value);
        assertThatThrownBy(() -> LoadedCheckpoint.load(folder, backend))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(file, words);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(CheckpointInspection.of(checkpoint, backend).problems())
                    .singleElement()
                    .asString()
                    .contains(file, words);
        }
    }

    /** One step has no schedule: what the config says of it does not matter then. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    num_train_timesteps | 500
                    trained_betas | [0.1, 0.2]
                    clip_sample | true
                    rescale_betas_zero_snr | true
                    thresholding | true
                    beta_schedule | "squaredcos_cap_v2"
                    beta_start | 0
                    beta_end | "x"
                    """)
    void scheduleThatIsNotBuiltIsRefusedForSeveralSteps(String key, String value) throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 1, DType.F16);
        change("scheduler/scheduler_config.json", key, value);
        try (LoadedCheckpoint loaded = LoadedCheckpoint.load(folder, backend)) {
            assertThat(plan(loaded, 1).bytes()).isPositive();
            assertThatThrownBy(() -> plan(loaded, 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("scheduler_config.json: " + key + " is");
        }
    }

    private Pipeline.Plan plan(LoadedCheckpoint loaded, int steps) {
        Settings settings = new Settings(
                0, Filter.BILINEAR, true, 1, steps, 1, Task.PREDICTION, OptionalLong.empty(), OptionalInt.empty());
        return Pipeline.plan(List.of(loaded.pipeline()), new Shape(1, 16, 16, 3), settings, backend);
    }

    /** The reference's schedule, scaled, is in the golden run of four steps. */
    @Test
    void scheduleIsReadFromTheConfig() throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 1, DType.F16);
        change("scheduler/scheduler_config.json", "beta_start", "0.001");
        change("scheduler/scheduler_config.json", "beta_end", "0.002");
        change("scheduler/scheduler_config.json", "beta_schedule", "\"linear\"");
        change("scheduler/scheduler_config.json", "set_alpha_to_one", "true");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            NoiseSchedule schedule = new NoiseSchedule(checkpoint.scheduler());
            assertThat(schedule.alpha(0)).isEqualTo(1 - 0.001);
            double sum = 0;
            for (int t = 0; t < 1000; t++) {
                sum += Math.log1p(-(0.001 + 0.001 * t / 999));
            }
            assertThat(schedule.alpha(999)).isCloseTo(Math.exp(sum), within(1e-12));
            assertThat(schedule.alpha(-1)).isOne();
        }
        change("scheduler/scheduler_config.json", "set_alpha_to_one", "false");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            NoiseSchedule schedule = new NoiseSchedule(checkpoint.scheduler());
            assertThat(schedule.alpha(-1)).isEqualTo(schedule.alpha(0));
        }
    }
}
