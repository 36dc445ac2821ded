package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.ops.Accuracy;
import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.Parameter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Single operators at awkward sizes against the reference's values, in every way in which the backend can compute, on one
 * thread and on three.
 */
class OpsGoldenTest {
    private static final Golden GOLDEN = open();

    private static Golden open() {
        try {
            return Golden.open("ops");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Backend> backends() {
        return Stream.of(1, 3).flatMap(threads -> CpuBackends.all(threads).values().stream());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void convolutions(Backend backend) {
        convolution(backend, "conv1x1", Window.POINT);
        convolution(backend, "conv3x3_pad1", Window.SAME_3X3);
        convolution(backend, "conv3x3_stride2_pad1", Window.padded(3, 2, 1));
        convolution(backend, "conv3x3_stride2_pad_right_bottom", new Window(3, 2, 0, 0, 1, 1));
    }

    private static void convolution(Backend backend, String name, Window window) {
        Golden.Values w = GOLDEN.get(name + "/w");
        Golden.Values x = GOLDEN.get(name + "/x").channelsLast();
        float[] b = GOLDEN.has(name + "/b") ? GOLDEN.get(name + "/b").data() : new float[w.shape()[0]];
        try (Run run = new Run(backend)) {
            var conv = run.weights.conv2d(parameter(w.data(), w.shape()), parameter(b, b.length), window);
            run.weights.load();
            Golden.Values expected = GOLDEN.get(name + "/out").channelsLast();
            Tensor out = run.tensor(expected.shape());
            run.ops.conv2d(out, Input.of(run.upload(x)), conv);
            double tolerance = backend.accuracy() == Accuracy.EXACT ? 2e-5 : 4e-4; // sums of magnitude 30
            assertClose(name, run.ops.download(out), expected.data(), tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void groupNorms(Backend backend) {
        groupNorm(backend, "group_norm_g8_eps1e-5", 8, 1e-5, false, 2e-6);
        groupNorm(backend, "group_norm_silu_g6_eps1e-6", 6, 1e-6, true, 2e-6);
        // mean 100, deviation 0.01: against double precision the reference itself is off by 7.2e-4 here
        groupNorm(backend, "group_norm_large_mean", 4, 1e-5, false, 1e-3);
    }

    private static void groupNorm(
            Backend backend, String name, int groups, double eps, boolean silu, double tolerance) {
        Golden.Values x = GOLDEN.get(name + "/x").channelsLast();
        int channels = x.shape()[3];
        float[] ones = new float[channels];
        Arrays.fill(ones, 1f);
        float[] w = GOLDEN.has(name + "/w") ? GOLDEN.get(name + "/w").data() : ones;
        float[] b = GOLDEN.has(name + "/b") ? GOLDEN.get(name + "/b").data() : new float[channels];
        try (Run run = new Run(backend)) {
            Norm norm = run.weights.groupNorm(parameter(w, channels), parameter(b, channels), groups, eps);
            run.weights.load();
            Tensor out = run.tensor(x.shape());
            Tensor in = run.upload(x);
            run.ops.copy(out, silu ? norm.silu(in) : norm.of(in));
            assertClose(
                    name,
                    run.ops.download(out),
                    GOLDEN.get(name + "/out").channelsLast().data(),
                    tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void layerNorm(Backend backend) {
        Golden.Values x = GOLDEN.get("layer_norm/x");
        try (Run run = new Run(backend)) {
            Norm norm = run.weights.layerNorm(
                    parameter(GOLDEN.get("layer_norm/w").data(), 37),
                    parameter(GOLDEN.get("layer_norm/b").data(), 37),
                    1e-5);
            run.weights.load();
            Tensor in = run.upload(new Golden.Values(new int[] {3, 1, 5, 37}, x.data()));
            Tensor out = run.tensor(3, 1, 5, 37);
            run.ops.copy(out, norm.of(in));
            assertClose(
                    "layer_norm",
                    run.ops.download(out),
                    GOLDEN.get("layer_norm/out").data(),
                    3e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void activations(Backend backend) {
        activation(backend, "silu", Activation.SILU);
        activation(backend, "gelu_erf", Activation.GELU);
    }

    private static void activation(Backend backend, String name, Activation activation) {
        float[] x = GOLDEN.get(name + "/x").data();
        try (Run run = new Run(backend)) {
            Tensor in = run.upload(new Golden.Values(new int[] {1, 1, 1, x.length}, x));
            Tensor out = run.tensor(1, 1, 1, x.length);
            run.ops.copy(out, Input.of(in).activated(activation));
            assertClose(name, run.ops.download(out), GOLDEN.get(name + "/out").data(), 1e-6);
        }
    }

    /** The golden file has value ‖ gate; an identity matrix as the projection brings them there. */
    @ParameterizedTest
    @MethodSource("backends")
    void geglu(Backend backend) {
        float[] identity = new float[34 * 34];
        for (int i = 0; i < 34; i++) {
            identity[i * 35] = 1f;
        }
        try (Run run = new Run(backend)) {
            var projection = run.weights.geglu(parameter(identity, 34, 34), parameter(new float[34], 34));
            run.weights.load();
            Tensor in = run.upload(new Golden.Values(
                    new int[] {2, 1, 5, 34}, GOLDEN.get("geglu/x").data()));
            Tensor out = run.tensor(2, 1, 5, 17);
            run.ops.geglu(out, Input.of(in), projection);
            assertClose("geglu", run.ops.download(out), GOLDEN.get("geglu/out").data(), 2e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void attention(Backend backend) {
        for (String name : List.of("attention_self", "attention_cross", "attention_peaked", "attention_causal")) {
            Golden.Values q = sequence(name + "/q");
            boolean own = !GOLDEN.has(name + "/k");
            Golden.Values k = own ? q : sequence(name + "/k");
            Golden.Values v = own ? q : sequence(name + "/v");
            int heads = GOLDEN.get(name + "/q").shape()[1];
            try (Run run = new Run(backend)) {
                Tensor out = run.tensor(q.shape());
                run.ops.attention(out, run.upload(q), run.upload(k), run.upload(v), heads, name.endsWith("causal"));
                assertClose(name, run.ops.download(out), sequence(name + "/out").data(), 5e-6);
            }
        }
    }

    /** [N, heads, T, D] as [N, 1, T, heads · D]. */
    private static Golden.Values sequence(String name) {
        Golden.Values from = GOLDEN.get(name);
        int[] s = from.shape();
        float[] data = new float[from.data().length];
        int at = 0;
        for (int n = 0; n < s[0]; n++) {
            for (int head = 0; head < s[1]; head++) {
                for (int t = 0; t < s[2]; t++) {
                    System.arraycopy(from.data(), at, data, ((n * s[2] + t) * s[1] + head) * s[3], s[3]);
                    at += s[3];
                }
            }
        }
        return new Golden.Values(new int[] {s[0], 1, s[2], s[1] * s[3]}, data);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void upsampling(Backend backend) {
        for (String name : List.of("upsample_nearest_2x", "upsample_nearest_to_9x13")) {
            Golden.Values expected = GOLDEN.get(name + "/out").channelsLast();
            try (Run run = new Run(backend)) {
                Tensor in = run.upload(GOLDEN.get(name + "/x").channelsLast());
                Tensor out = run.tensor(expected.shape());
                run.ops.copy(out, Input.of(in).resized(expected.shape()[1], expected.shape()[2]));
                assertClose(name, run.ops.download(out), expected.data(), 0);
            }
        }
    }

    private static Parameter parameter(float[] values, int... shape) {
        return ArrayParameter.of("test", DType.F32, values, shape);
    }

    private static void assertClose(String name, float[] actual, float[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference; // NaN is the worst
        }
        assertThat(worst).as("%s, largest difference", name).isLessThanOrEqualTo(tolerance);
    }

    /** A prepare phase and a run of a backend, closed together. */
    private static final class Run implements AutoCloseable {
        private final PreparedWeights weights;
        private final Ops ops;
        private final Frame frame;

        Run(Backend backend) {
            weights = backend.prepare(Backend.Reuse.MANY);
            ops = backend.open(RunListener.NONE);
            frame = ops.frame();
        }

        Tensor tensor(int... shape) {
            return frame.tensor(new Shape(shape[0], shape[1], shape[2], shape[3]));
        }

        Tensor upload(Golden.Values values) {
            Tensor tensor = tensor(values.shape());
            ops.upload(tensor, values.data());
            return tensor;
        }

        @Override
        public void close() {
            frame.close();
            ops.close();
            weights.close();
        }
    }
}
