package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.cpu.ConvolutionPlanner.Algorithm;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of more tiles than the contract's, so that they are cut into bands in each of the ways there are. */
class WinogradTest {
    /** @param doubled whether the input is seen at twice its size, which is then the height and width */
    record Case(int height, int width, int in, int out, boolean doubled) {}

    static Stream<Arguments> cases() {
        Stream<Case> cases = Stream.of(
                new Case(50, 210, 8, 24, false), // a worker's own bands
                new Case(50, 210, 8, 24, true),
                new Case(76, 74, 576, 584, false), // a band of all workers, or two
                new Case(28, 30, 40, 70, false)); // one band, or weights that are forgotten
        Stream<Arguments> each =
                cases.flatMap(of -> Stream.of(Algorithm.WINOGRAD_2, Algorithm.WINOGRAD_4, Algorithm.WINOGRAD_6)
                        .map(algorithm -> Arguments.of(of, algorithm)));
        Case heavy = new Case(60, 60, 1024, 1030, false); // two bands, weights that are forgotten
        return Stream.concat(each, Stream.of(Arguments.of(heavy, Algorithm.WINOGRAD_4)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheProductAndWithItselfOnOneThread(Case of, Algorithm algorithm) {
        float[] expected = compute(of, Algorithm.PRODUCT, 2);
        float[] actual = compute(of, algorithm, 2);
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        // of the contract, with the product's own rounding errors on the other side
        double allowed = 21 * (8 + Math.sqrt(9 * of.in)) * Math.ulp(0.5f) * largest;
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("value %d of %d: found %s, expected %s", i, expected.length, actual[i], expected[i])
                    .isLessThanOrEqualTo((float) allowed);
        }
        assertThat(compute(of, algorithm, 1)).isEqualTo(actual);
    }

    private static float[] compute(Case of, Algorithm algorithm, int threads) {
        Random random = new Random(7);
        try (Backend backend = CpuBackends.backend(algorithm, threads, new VectorKernels());
                PreparedWeights weights = backend.prepare(Backend.Reuse.MANY);
                Ops ops = backend.open(RunListener.NONE);
                Frame frame = ops.frame()) {
            int scale = of.doubled ? 2 : 1;
            Shape shape = new Shape(1, of.height / scale, of.width / scale, of.in);
            Tensor in = frame.tensor(shape);
            ops.upload(in, noise(random, (int) shape.elements()));
            Conv2d conv =
                    weights.conv2d(parameter(random, of.out, of.in, 3, 3), parameter(random, of.out), Window.SAME_3X3);
            weights.load();
            Tensor out = frame.tensor(new Shape(1, of.height, of.width, of.out));
            ops.upload(out, noise(random, (int) out.shape().elements()));
            ops.conv2d(out, Input.of(in).resized(of.height, of.width), conv, Epilogue.plus(out));
            return ops.download(out);
        }
    }

    private static Parameter parameter(Random random, int... shape) {
        int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        return ArrayParameter.of("conv", DType.F16, noise(random, elements), shape);
    }

    private static float[] noise(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
