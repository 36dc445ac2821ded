package io.github.lotus4j.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.ops.Backend.Reuse;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A case on two sides: on the backend under test and on the textbook in doubles. Destinations are filled with NaN, every tensor
 * stands between guards, and errors may grow with the root of the number of summands only.
 */
abstract class SideBySide {
    static final int[] SIDES = {1, 2, 3, 5, 7, 13, 16, 17, 33};
    static final int[] CHANNELS = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 40, 64, 65};
    private static final DType[] TYPES = {DType.F32, DType.F16, DType.BF16};
    private static final List<Activation> ACTIVATIONS = List.of(Activation.values());
    private static final float GUARD = 12352; // in every storage type

    private final Backend reference = new ReferenceBackend();
    Random random = new Random(0);
    private @Nullable Run tested;
    private @Nullable Run oracle;

    /** The backend under test. */
    protected abstract Backend backend();

    /** How it stores activations and weights; the textbook gets the same rounded values. */
    protected DType storage() {
        return DType.F32;
    }

    /** The distance of numbers in storage, relative to them. */
    private double unit() {
        return Math.scalb(1.0, storage() == DType.F32 ? -23 : storage() == DType.F16 ? -10 : -7);
    }

    private float stored(double value) {
        float rounded = (float) value;
        return switch (storage()) {
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(rounded));
            case BF16 -> Float.intBitsToFloat(Float.floatToRawIntBits(rounded) + 0x8000 & 0xffff0000);
            default -> rounded;
        };
    }

    /** One backend's side of a case; both sides do the same. */
    static final class Run implements AutoCloseable {
        final Backend backend;
        final PreparedWeights weights;
        final PreparedWeights once;
        final Ops ops;
        final Frame frame;
        final List<Tensor> guards = new ArrayList<>();

        Run(Backend backend) {
            this.backend = backend;
            weights = backend.prepare(Reuse.MANY);
            once = backend.prepare(Reuse.ONCE);
            ops = backend.open(RunListener.NONE);
            frame = ops.frame();
        }

        Tensor tensor(Shape shape, float[] values) {
            guard();
            Tensor tensor = frame.tensor(shape);
            guard();
            ops.upload(tensor, values);
            return tensor;
        }

        private void guard() {
            Tensor guard = frame.tensor(Shape.vector(33));
            float[] values = new float[33];
            Arrays.fill(values, GUARD);
            ops.upload(guard, values);
            guards.add(guard);
        }

        @Override
        public void close() {
            for (Tensor guard : guards) {
                assertThat(ops.download(guard)).as("guard").containsOnly(GUARD);
            }
            frame.close();
            ops.close();
            once.close();
            weights.close();
            backend.close();
        }
    }

    @BeforeEach
    void open() {
        tested = new Run(backend());
        oracle = new Run(reference);
    }

    @AfterEach
    void close() {
        sides().forEach(Run::close);
    }

    List<Run> sides() {
        return List.of(Objects.requireNonNull(tested), Objects.requireNonNull(oracle));
    }

    int pick(int[] from) {
        return from[random.nextInt(from.length)];
    }

    float[] noise(long count, double scale, double offset) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = stored(offset + scale * random.nextGaussian());
        }
        return values;
    }

    Parameter weight(String name, int... shape) {
        long elements = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
        double scale = 1 / Math.sqrt((double) elements / shape[0]);
        return ArrayParameter.of(name, TYPES[random.nextInt(TYPES.length)], noise(elements, scale, 0), shape);
    }

    Parameter vector(String name, int size, double offset) {
        return ArrayParameter.of(name, DType.F32, noise(size, 0.3, offset), size);
    }

    static float[] nan(Shape shape) {
        float[] values = new float[(int) shape.elements()];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /** An operator's arguments on one side, all made from the same values. */
    interface Case {
        Tensor run(Run on);
    }

    void check(int summands, Case each) {
        check(summands, 1, each);
    }

    void check(int summands, double amplification, Case each) {
        check(summands, amplification, index -> true, each);
    }

    /** @param compared which values are compared; the largest of these sets the scale */
    void check(int summands, double amplification, IntPredicate compared, Case each) {
        List<float[]> results = new ArrayList<>();
        for (Run side : sides()) {
            results.add(side.ops.download(each.run(side)));
        }
        float[] actual = results.get(0);
        float[] expected = results.get(1);
        double largest = IntStream.range(0, expected.length)
                .filter(compared)
                .mapToDouble(i -> Math.abs(expected[i]))
                .reduce(1, Math::max);
        double allowed = (8 + Math.sqrt(summands)) * unit() * largest * amplification;
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!compared.test(i)) {
                continue;
            }
            assertThat(Math.abs((double) actual[i] - expected[i]))
                    .as("value %d of %d: found %s, expected %s", i, actual.length, actual[i], expected[i])
                    .isLessThanOrEqualTo(allowed);
        }
    }

    /** How an input is seen: the same on both sides. */
    interface View {
        Input on(Run side);
    }

    /** @param amplification of rounding errors: large means cancel, few values may have next to no variance */
    record Seen(Shape shape, View view, double amplification) {}

    Seen input(Shape source) {
        Shape shape = source;
        int split = source.c() > 1 && random.nextInt(3) == 0 ? 1 + random.nextInt(source.c() - 1) : 0;
        double offset = random.nextInt(4) == 0 ? 30 : 0;
        float[] first = noise((long) source.pixels() * (split == 0 ? source.c() : split), 1, offset);
        float[] second = noise((long) source.pixels() * (source.c() - split), 1, offset);
        int channels = source.c();
        int kind = random.nextInt(4);
        int groups = IntStream.rangeClosed(1, Math.min(channels, 8))
                .filter(g -> channels % g == 0)
                .max()
                .orElseThrow();
        Activation activation = ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
        Parameter scale = vector("norm.weight", channels, 1);
        Parameter shift = vector("norm.bias", channels, 0);
        boolean resized = random.nextInt(4) == 0;
        if (resized) {
            shape = shape.withSize(2 * shape.h() - random.nextInt(2), 2 * shape.w() - random.nextInt(2));
        }
        Shape seen = shape;
        int together = kind == 1 ? source.h() * source.w() * channels / groups : channels;
        double amplification = (offset == 0 ? 1 : 31) * (kind == 1 || kind == 2 ? together < 16 ? 30 : 3 : 1);
        View view = side -> {
            Input in = split == 0
                    ? Input.of(side.tensor(source, first))
                    : Input.concat(
                            side.tensor(source.withChannels(split), first),
                            side.tensor(source.withChannels(channels - split), second));
            if (kind == 1 || kind == 2) {
                Norm norm = kind == 1
                        ? side.weights.groupNorm(scale, shift, groups, 1e-5)
                        : side.weights.layerNorm(scale, shift, 1e-5);
                side.weights.load();
                in = in.normalized(norm, activation);
            } else if (kind == 3) {
                in = in.activated(activation);
            }
            return resized ? in.resized(seen.h(), seen.w()) : in;
        };
        return new Seen(seen, view, amplification);
    }

    Shape shape() {
        return new Shape(1 + random.nextInt(2), pick(SIDES), pick(SIDES), pick(CHANNELS));
    }

    /** Output, shift and residual as the epilogue wants them. */
    interface Write {
        void on(Tensor out, Epilogue epilogue);
    }

    Tensor written(Run side, Shape shape, int kind, float[] shift, float[] residual, Write write) {
        boolean inPlace = kind == 3;
        Tensor out = side.tensor(shape, inPlace ? residual : nan(shape));
        Tensor shifts = kind == 1 || kind == 4 ? side.tensor(Shape.vector(shape.c()), shift) : null;
        Tensor added = kind == 2 || kind == 4 ? side.tensor(shape, residual) : inPlace ? out : null;
        write.on(out, new Epilogue(shifts, added));
        return out;
    }
}
