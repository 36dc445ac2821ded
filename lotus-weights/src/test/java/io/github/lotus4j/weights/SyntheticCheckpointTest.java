package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntheticCheckpointTest {
    @ParameterizedTest
    @CsvSource({
        "unet, conv_in.weight, 0, 0.07170373, -0.010808083, 0.23950663, -0.14076312, -29.420674",
        "unet, conv_norm_out.weight, 0, 1.0644872, 1.0938505, 1.0588825, 0.9571982, 318.972936",
        "vae, quant_conv.bias, 0, -0.029716391, -0.038925614, -0.0075490656, -6.038113594, -24.180472",
        "unet, mid_block.attentions.0.proj_in.weight, 20261124, -0.018610563, 0.040035922, -0.044458408, 0.036988433,"
                + " 12.266166"
    })
    void valuesAreThoseOfTheReference(
            String component, String key, long seed, float first, float second, float third, float last, double sum) {
        int[] shape = Objects.requireNonNull(SyntheticCheckpoint.tensors(Architecture.FULL, component, Mode.D)
                .get(key));
        float[] values = new float[(int) Shapes.elements(shape)];
        SyntheticCheckpoint.fill(component + "/" + key, shape, seed, 0, values, 0, values.length);
        assertThat(new float[] {values[0], values[1], values[2], values[values.length - 1]})
                .containsExactly(first, second, third, last);
        double total = 0;
        for (float value : values) {
            total += value;
        }
        assertThat(total).isCloseTo(sum, within(1e-6));
    }

    @Test
    void folderIsWholeAndRounded(@TempDir Path folder) throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 7, DType.BF16);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.unet().config().integer("in_channels", JsonConfig.SIZE))
                    .isEqualTo(8);
            Parameter convIn = checkpoint.unet().weights().parameter("conv_in.weight", 32, 8, 3, 3);
            float[] exact = new float[32 * 8 * 9];
            SyntheticCheckpoint.fill("unet/conv_in.weight", convIn.shape(), 7, 0, exact, 0, exact.length);
            float[] stored = convIn.toFloats();
            for (int i = 0; i < exact.length; i++) {
                assertThat(stored[i]).isCloseTo(exact[i], within(Math.abs(exact[i]) * 0x1p-8f));
            }
            assertThat(checkpoint.promptTokens()).containsExactly(512, 513);
            assertThat(checkpoint.components())
                    .extracting(c -> c.tensors().size())
                    .containsExactly(690, 244, 52);
        }
    }
}
