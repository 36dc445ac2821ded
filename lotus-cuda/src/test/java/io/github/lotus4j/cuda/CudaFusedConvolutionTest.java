package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions as one plan against those of cuDNN's older interface: shapes of the models and odd ones, on a real device, too. */
class CudaFusedConvolutionTest {
    private static final Window HALVING = new Window(3, 2, 0, 0, 1, 1);

    enum Added {
        NOTHING,
        SHIFT,
        RESIDUAL,
        ITSELF // what is written is the residual
    }

    record Case(Shape in, int outputs, Window window, Added added) {
        Shape out() {
            return in.withSize(window.outHeight(in.h()), window.outWidth(in.w()))
                    .withChannels(outputs);
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(new Shape(1, 8, 8, 32), 32, Window.SAME_3X3, Added.NOTHING),
                new Case(new Shape(1, 8, 8, 32), 64, Window.SAME_3X3, Added.SHIFT),
                new Case(new Shape(2, 7, 11, 32), 32, Window.SAME_3X3, Added.RESIDUAL),
                new Case(new Shape(2, 7, 11, 32), 32, Window.SAME_3X3, Added.ITSELF),
                new Case(new Shape(1, 9, 8, 32), 32, HALVING, Added.NOTHING),
                new Case(new Shape(1, 9, 8, 32), 32, Window.padded(3, 2, 1), Added.NOTHING),
                new Case(new Shape(1, 6, 5, 3), 32, Window.SAME_3X3, Added.NOTHING),
                new Case(new Shape(1, 6, 5, 32), 3, Window.SAME_3X3, Added.SHIFT),
                new Case(new Shape(1, 6, 5, 32), 4, Window.SAME_3X3, Added.RESIDUAL),
                new Case(new Shape(1, 1, 1, 8), 8, Window.SAME_3X3, Added.ITSELF));
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

    private static void compare(Case of, Precision precision) {
        try (Convolutions fused = new Convolutions(of, precision, true);
                Convolutions plain = new Convolutions(of, precision, false)) {
            for (int seed = 0; seed < 2; seed++) { // the first is compared with the plain one by the backend, too
                float[] expected = plain.run(seed);
                assertThat(fused.run(seed)).containsExactly(expected, within(most(expected, precision)));
            }
            assertThat(fused.trusted()).as("plans that are taken").isEqualTo(1);
        }
    }

    /** How far a fused plan's values may be off. */
    static float most(float[] values, Precision precision) {
        float largest = 0;
        for (float each : values) {
            largest = Math.max(largest, Math.abs(each));
        }
        return FusedPlan.ROUNDINGS * precision.rounding() * largest;
    }

    /** What is refused gives what the plain way gives, to the last bit, even where the residual would have been overwritten. */
    @ParameterizedTest
    @EnumSource(names = {"REFUSED", "WRONG", "ROUGH"})
    void refusedPlansLeaveNoTrace(SimulatedDevice.Graphs graphs) {
        SimulatedDevice.folder(); // no real one can be made to
        try {
            cases().forEach(of -> {
                try (Convolutions plain = new Convolutions(of, Precision.F16, false);
                        Convolutions fused = new Convolutions(of, Precision.F16, true)) {
                    SimulatedDevice.graphs(graphs);
                    for (int seed = 0; seed < 2; seed++) {
                        assertThat(fused.run(seed)).as("%s", of).isEqualTo(plain.run(seed));
                    }
                    assertThat(fused.trusted()).isZero();
                }
            });
        } finally {
            SimulatedDevice.graphs(SimulatedDevice.Graphs.RIGHT);
        }
    }

    @Test
    void memoryIsWhatWasMeasured() {
        cases().forEach(of -> {
            try (Convolutions fused = new Convolutions(of, Precision.F16, true)) {
                for (int run = 0; run < 2; run++) { // the first takes more, for the comparison
                    long measured;
                    try (Ops ops = fused.backend.measure()) {
                        fused.run(ops, run);
                        measured = ops.peakBytes();
                    }
                    try (Ops ops = fused.backend.open(RunListener.NONE, measured)) {
                        fused.run(ops, run);
                        assertThat(ops.peakBytes()).as("%s", of).isEqualTo(measured);
                    }
                }
                assertThat(fused.trusted()).isEqualTo(1);
            }
        });
    }

    @Test
    void whatCannotBeFusedIsSaid() {
        assertThat(FusedConvolution.unavailable(Precision.F16)).isEmpty();
        assertThat(FusedConvolution.unavailable(Precision.F32).orElse("")).contains("f32", "f16 and bf16");
        try (Backend backend = SimulatedDevice.open(new CudaOptions(0, Precision.F32, true))) {
            assertThat(backend.description()).doesNotContain("fused");
        }
        try (Backend backend = SimulatedDevice.open(new CudaOptions(0, Precision.F16, true))) {
            assertThat(backend.description()).contains("fused convolutions");
        }
    }

    /** A case on a backend of its own. */
    private static final class Convolutions implements AutoCloseable {
        private final Case of;
        private final Backend backend;
        private final PreparedWeights weights;
        private final Conv2d conv;

        Convolutions(Case of, Precision precision, boolean fused) {
            this.of = of;
            backend = SimulatedDevice.open(new CudaOptions(0, precision, fused));
            weights = backend.prepare(Backend.Reuse.MANY);
            Random random = new Random(7);
            int kernel = of.window.kernel();
            int summands = of.in.c() * kernel * kernel;
            float[] filter = noise(random, of.outputs * summands, 1 / Math.sqrt(summands));
            conv = weights.conv2d(
                    ArrayParameter.of("conv.weight", DType.F16, filter, of.outputs, of.in.c(), kernel, kernel),
                    ArrayParameter.of("conv.bias", DType.F32, noise(random, of.outputs, 1), of.outputs),
                    of.window);
            weights.load();
        }

        long trusted() {
            FusedConvolution fused = ((CudaBackend) backend).fusedConvolution();
            return Objects.requireNonNull(fused, backend.description()).plans().trusted();
        }

        float[] run(int seed) {
            try (Ops ops = backend.open(RunListener.NONE)) {
                return run(ops, seed);
            }
        }

        float[] run(Ops ops, int seed) {
            Random random = new Random(seed);
            try (Frame frame = ops.frame()) {
                Tensor in = tensor(ops, frame, of.in, random);
                Tensor out = tensor(ops, frame, of.out(), random);
                Epilogue epilogue = switch (of.added) {
                    case NOTHING -> Epilogue.NONE;
                    case SHIFT -> Epilogue.shift(tensor(ops, frame, Shape.vector(of.outputs), random));
                    case RESIDUAL -> Epilogue.plus(tensor(ops, frame, of.out(), random));
                    case ITSELF -> Epilogue.plus(out);
                };
                ops.conv2d(out, Input.of(in), conv, epilogue);
                return ops.download(out);
            }
        }

        private static Tensor tensor(Ops ops, Frame frame, Shape shape, Random random) {
            Tensor tensor = frame.tensor(shape);
            ops.upload(tensor, noise(random, Math.toIntExact(shape.elements()), 1));
            return tensor;
        }

        private static float[] noise(Random random, int count, double scale) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (scale * random.nextGaussian());
            }
            return values;
        }

        @Override
        public void close() {
            weights.close();
            backend.close();
        }
    }
}
