package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention by cuDNN against this project's kernels: shapes of the models and odd ones, on a real device, too. */
class CudaFusedAttentionTest {
    /**
     * An attention.
     *
     * @param keyTokens 0 for self-attention, whose queries, keys and values lie side by side
     */
    record Case(int n, int height, int width, int heads, int size, int keyImages, int keyTokens) {
        Shape queries() {
            return new Shape(n, height, width, heads * size);
        }

        Shape keys() {
            return keyTokens == 0 ? queries() : new Shape(keyImages, 1, keyTokens, heads * size);
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(1, 8, 8, 5, 64, 1, 0),
                new Case(1, 8, 8, 5, 64, 1, 2),
                new Case(2, 7, 11, 2, 64, 2, 0),
                new Case(3, 5, 9, 2, 64, 1, 2),
                new Case(2, 5, 9, 2, 64, 2, 77),
                new Case(1, 1, 1, 1, 64, 1, 0),
                new Case(1, 9, 15, 3, 32, 1, 0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void f16(Case of) {
        compare(of, Precision.F16);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bf16(Case of) {
        compare(of, Precision.BF16);
    }

    @Test
    void memoryIsWhatWasMeasured() {
        Case of = new Case(1, 8, 8, 5, 64, 1, 2);
        try (Backend fused = SimulatedDevice.open(new CudaOptions(0, Precision.F16, true))) {
            for (int run = 0; run < 2; run++) { // the first takes more, for the comparison
                long measured;
                try (Ops ops = fused.measure()) {
                    attended(ops, of, run);
                    measured = ops.peakBytes();
                }
                try (Ops ops = fused.open(RunListener.NONE, measured)) {
                    attended(ops, of, run);
                    assertThat(ops.peakBytes()).isEqualTo(measured);
                }
            }
        }
    }

    /** What is not planned is computed all the same. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void headsOfAnySize(Precision precision) {
        Case odd = new Case(1, 3, 5, 8, 17, 1, 0);
        try (Backend fused = SimulatedDevice.open(new CudaOptions(0, precision, true));
                Backend plain = SimulatedDevice.open(precision)) {
            assertThat(attended(fused, odd, 1)).isEqualTo(attended(plain, odd, 1));
        }
    }

    private static void compare(Case of, Precision precision) {
        try (CudaBackend fused = (CudaBackend) SimulatedDevice.open(new CudaOptions(0, precision, true));
                Backend plain = SimulatedDevice.open(precision)) {
            FusedAttention attention = Objects.requireNonNull(fused.fusedAttention(), fused.description());
            for (int seed = 0; seed < 2; seed++) { // the first is compared with the plain one by the backend, too
                float[] expected = attended(plain, of, seed);
                float most = CudaFusedConvolutionTest.most(expected, precision);
                assertThat(attended(fused, of, seed)).containsExactly(expected, within(most));
            }
            assertThat(attention.plans().trusted()).as("plans that are taken").isEqualTo(1);
        }
    }

    private static float[] attended(Backend backend, Case of, int seed) {
        try (Ops ops = backend.open(RunListener.NONE)) {
            return attended(ops, of, seed);
        }
    }

    private static float[] attended(Ops ops, Case of, int seed) {
        Random random = new Random(seed);
        try (Frame frame = ops.frame()) {
            int channels = of.queries().c();
            int between = of.keyTokens == 0 ? 3 : 1;
            Tensor queries = tensor(ops, frame, of.queries().withChannels(between * channels), random);
            Tensor keyValues = of.keyTokens == 0
                    ? queries.channels(channels, 2 * channels)
                    : tensor(ops, frame, of.keys().withChannels(2 * channels), random);
            Tensor out = frame.tensor(of.queries());
            Tensor k = keyValues.channels(0, channels);
            Tensor v = keyValues.channels(channels, channels);
            ops.attention(out, queries.channels(0, channels), k, v, of.heads, false);
            return ops.download(out);
        }
    }

    private static Tensor tensor(Ops ops, Frame frame, Shape shape, Random random) {
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor tensor = frame.tensor(shape);
        ops.upload(tensor, values);
        return tensor;
    }
}
