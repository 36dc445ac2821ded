package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SafetensorsWriter;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that make no picture: an error says where, instead of a black one. */
class FirstNonFiniteTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);
    private static final RgbImage IMAGE = NoiseImage.of(32, 32, 5);

    @TempDir
    Path folder;

    private Path damaged(String component, String tensor, float value) throws IOException {
        return DamagedCheckpoint.write(folder.resolve("lotus-depth"), component, tensor, value);
    }

    @ParameterizedTest
    @CsvSource({
        "vae, encoder.down_blocks.0.resnets.0.conv2.bias, NaN, vae.encoder.down_blocks.0.resnets.0",
        "unet, conv_in.weight, Infinity, unet.conv_in",
        "unet, mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight, NaN,"
                + " unet.mid_block.attentions.0.transformer_blocks.0.attn1",
        "unet, up_blocks.1.resnets.0.conv1.bias, -Infinity, unet.up_blocks.1.resnets.0",
        "vae, decoder.mid_block.resnets.1.norm1.weight, NaN, vae.decoder.mid_block.resnets.1",
        "vae, encoder.conv_out.bias, NaN, vae.encoder.conv_out or vae.quant_conv",
        "unet, conv_out.bias, NaN, unet.conv_out",
        "vae, decoder.conv_out.bias, NaN, vae.decoder.conv_out",
        "vae, decoder.conv_out.bias, Infinity, vae.decoder.conv_out",
    })
    @Fault(
            value = "weights hold NaN or infinity",
            by = "one value of a tensor, at places throughout the model",
            then = "a LotusException that names checkpoint and block, and no picture")
    void blockIsNamed(String component, String tensor, float value, String block) throws IOException {
        try (Lotus broken = Lotus.load(damaged(component, tensor, value))) {
            for (int i = 0; i < 2; i++) { // the second time with memory of the first
                assertThatThrownBy(() -> broken.predictDepth(IMAGE, NATIVE))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining(
                                "the prediction of lotus-depth came out as NaN or infinite, first in what " + block
                                        + " computes");
            }
        }
    }

    @Test
    void tensorsAreNamedWithoutLoading() throws IOException {
        Path checkpoint = damaged("unet", "conv_in.weight", Float.NEGATIVE_INFINITY);
        assertThat(CheckpointInfo.read(checkpoint).problems()).isEmpty();
        assertThat(CheckpointInfo.readWithValues(checkpoint).problems())
                .singleElement()
                .asString()
                .contains(
                        "not finite: 1 of 1,152 values of unet/conv_in.weight", "diffusion_pytorch_model.safetensors");
        Path sound = SyntheticCheckpoint.write(folder.resolve("sound"), Architecture.TINY, Mode.D, 1, DType.F16);
        assertThat(CheckpointInfo.readWithValues(sound).problems()).isEmpty();
        new SafetensorsWriter()
                .tensor("prompt_embeds", DType.F32, new int[] {1, 2, 48}, notANumber(2 * 48))
                .write(sound.resolve("empty_text_embed.safetensors"));
        assertThat(CheckpointInfo.readWithValues(sound).problems())
                .singleElement()
                .asString()
                .contains("not finite: 96 of 96 values of the prompt's embedding");
    }

    private static float[] notANumber(int count) {
        float[] values = new float[count];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /** What becomes a constant on loading would make every prediction so. */
    @ParameterizedTest
    @CsvSource({
        "text_encoder, text_model.final_layer_norm.bias, NaN, the text encoder",
        "text_encoder, text_model.encoder.layers.0.mlp.fc1.bias, NaN, the text encoder",
        "unet, time_embedding.linear_2.bias, Infinity, unet.time_embedding or unet.class_embedding gives",
        "unet, class_embedding.linear_1.weight, NaN, unet.time_embedding or unet.class_embedding gives",
        "unet, mid_block.resnets.1.time_emb_proj.bias, NaN, unet.mid_block.resnets.1.time_emb_proj gives",
    })
    @Fault(
            value = "weights that become constants hold NaN or infinity",
            by = "one value of text encoder or time embedding",
            then = "a CheckpointException on loading, which says where")
    void constantsAreRefusedOnLoading(String component, String tensor, float value, String where) throws IOException {
        Path checkpoint = damaged(component, tensor, value);
        assertThatThrownBy(() -> Lotus.load(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(checkpoint.toString(), "NaN or infinite", where, "lotus inspect --values");
    }

    @Test
    void ofTwoCheckpointsTheOneIsNamed() throws IOException {
        Path normal = SyntheticCheckpoint.write(folder.resolve("sound"), Architecture.TINY, Mode.D, 1, DType.F32);
        Path depth = damaged("unet", "conv_in.bias", Float.NaN);
        try (Lotus both = Lotus.builder().depth(depth).normal(normal).build()) {
            assertThat(both.sharesVae()).isTrue();
            assertThatThrownBy(() -> both.predictGeometry(IMAGE, NATIVE))
                    .hasMessageContaining("the prediction of lotus-depth came out as NaN");
            assertThat(both.predictNormal(IMAGE, NATIVE).width()).isEqualTo(32);
        }
    }

    @Test
    void frameOfASequenceIsNamedToo() throws IOException {
        try (Lotus broken = Lotus.load(damaged("unet", "conv_in.weight", Float.NaN))) {
            FrameSequence<DepthMap> frames = broken.depthSequence(NATIVE, TemporalSmoothing.DEFAULT);
            assertThatThrownBy(() -> frames.next(IMAGE))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining("unet.conv_in");
        }
    }

    /** What comes after would not change the answer, and may take long. */
    @Test
    void searchEndsWhereItFinds() throws IOException {
        int[] asked = new int[1];
        PredictionOptions counting = NATIVE.withCancellation(() -> asked[0]++ < 0);
        Path sound = SyntheticCheckpoint.write(folder.resolve("sound"), Architecture.TINY, Mode.D, 1, DType.F32);
        try (Lotus lotus = Lotus.builder().depth(sound).threads(2).build()) {
            lotus.predictDepth(IMAGE, counting);
        }
        int once = asked[0];
        asked[0] = 0;
        Path damaged = damaged("vae", "encoder.conv_in.bias", Float.NaN);
        try (Lotus broken = Lotus.builder().depth(damaged).threads(2).build()) {
            assertThatThrownBy(() -> broken.predictDepth(IMAGE, counting)).isInstanceOf(LotusException.class);
        }
        assertThat(asked[0]).isBetween(once, once + once / 4);
    }

    @Test
    void searchIsCancelledAsThePredictionIs() throws IOException {
        try (Lotus broken = Lotus.load(damaged("vae", "decoder.conv_out.bias", Float.NaN))) {
            int[] asked = new int[1];
            assertThatThrownBy(() -> broken.predictDepth(IMAGE, NATIVE.withCancellation(() -> asked[0]++ < 0)))
                    .isInstanceOf(LotusException.class);
            int half = asked[0] * 2 / 3; // the prediction is over by then
            asked[0] = 0;
            assertThatThrownBy(() -> broken.predictDepth(IMAGE, NATIVE.withCancellation(() -> asked[0]++ > half)))
                    .isInstanceOf(CancellationException.class);
        }
    }
}
