package io.github.lotus4j.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.ops.Backend.Reuse;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every backend must do, against the textbook in doubles: each case is drawn from a seed, which names the test. Sizes are
 * awkward, destinations are filled with NaN, every tensor stands between guards, and errors may grow with the root of the
 * number of summands only.
 */
public abstract class OpsContractTest {
    private static final int[] SIDES = {1, 2, 3, 5, 7, 13, 16, 17, 33};
    private static final int[] CHANNELS = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 40, 64, 65};
    private static final DType[] TYPES = {DType.F32, DType.F16, DType.BF16};
    private static final List<Activation> ACTIVATIONS = List.of(Activation.values());
    private static final Window[] WINDOWS = {
        Window.SAME_3X3,
        Window.POINT,
        Window.padded(3, 2, 1),
        new Window(3, 2, 0, 0, 1, 1),
        Window.padded(3, 1, 0),
        new Window(3, 1, 2, 0, 0, 2)
    };
    private static final float GUARD = 12345.678f;

    private final Backend reference = new ReferenceBackend();
    private Random random = new Random(0);
    private @Nullable Run tested;
    private @Nullable Run oracle;

    /** The backend under test. */
    protected abstract Backend backend();

    static IntStream seeds() {
        return IntStream.range(0, 80);
    }

    static IntStream fewSeeds() {
        return IntStream.range(0, 20);
    }

    /** One backend's side of a case; both sides do the same. */
    private static final class Run implements AutoCloseable {
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

    private List<Run> sides() {
        return List.of(java.util.Objects.requireNonNull(tested), java.util.Objects.requireNonNull(oracle));
    }

    private int pick(int[] from) {
        return from[random.nextInt(from.length)];
    }

    private float[] noise(long count, double scale, double offset) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (offset + scale * random.nextGaussian());
        }
        return values;
    }

    private Parameter weight(String name, int... shape) {
        long elements = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
        double scale = 1 / Math.sqrt((double) elements / shape[0]);
        return ArrayParameter.of(name, TYPES[random.nextInt(TYPES.length)], noise(elements, scale, 0), shape);
    }

    private Parameter vector(String name, int size, double offset) {
        return ArrayParameter.of(name, DType.F32, noise(size, 0.3, offset), size);
    }

    private static float[] nan(Shape shape) {
        float[] values = new float[(int) shape.elements()];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /** An operator's arguments on one side, all made from the same values. */
    private interface Case {
        Tensor run(Run on);
    }

    private void check(int summands, Case each) {
        check(summands, 1, each);
    }

    private void check(int summands, double amplification, Case each) {
        List<float[]> results = new ArrayList<>();
        for (Run side : sides()) {
            results.add(side.ops.download(each.run(side)));
        }
        float[] actual = results.get(0);
        float[] expected = results.get(1);
        double largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double allowed = Math.scalb(8 + Math.sqrt(summands), -23) * largest * amplification;
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs((double) actual[i] - expected[i]))
                    .as("value %d of %d: found %s, expected %s", i, actual.length, actual[i], expected[i])
                    .isLessThanOrEqualTo(allowed);
        }
    }

    /** How an input is seen: the same on both sides. */
    private interface View {
        Input on(Run side);
    }

    /** @param amplification of rounding errors: large means cancel, few values may have next to no variance */
    private record Seen(Shape shape, View view, double amplification) {}

    private Seen input(Shape source) {
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

    private Shape shape() {
        return new Shape(1 + random.nextInt(2), pick(SIDES), pick(SIDES), pick(CHANNELS));
    }

    /** Output, shift and residual as the epilogue wants them. */
    private interface Write {
        void on(Tensor out, Epilogue epilogue);
    }

    private Tensor written(Run side, Shape shape, int kind, float[] shift, float[] residual, Write write) {
        boolean inPlace = kind == 3;
        Tensor out = side.tensor(shape, inPlace ? residual : nan(shape));
        Tensor shifts = kind == 1 || kind == 4 ? side.tensor(Shape.vector(shape.c()), shift) : null;
        Tensor added = kind == 2 || kind == 4 ? side.tensor(shape, residual) : inPlace ? out : null;
        write.on(out, new Epilogue(shifts, added));
        return out;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void conv2d(int seed) {
        random = new Random(seed);
        Window window = WINDOWS[random.nextInt(WINDOWS.length)];
        Seen in = input(shape());
        while (window.outHeight(in.shape.h()) < 1
                || window.outWidth(in.shape.w()) < 1
                || in.shape.h() < 2
                || in.shape.w() < 2) {
            in = input(shape());
        }
        Seen seen = in;
        int outputs = pick(CHANNELS);
        Parameter weight = weight("conv.weight", outputs, in.shape.c(), window.kernel(), window.kernel());
        Parameter bias = vector("conv.bias", outputs, 0);
        Shape result = new Shape(in.shape.n(), window.outHeight(in.shape.h()), window.outWidth(in.shape.w()), outputs);
        int epilogue = random.nextInt(5);
        float[] shift = noise(outputs, 1, 0);
        float[] residual = noise(result.elements(), 1, 0);
        check(in.shape.c() * window.kernel() * window.kernel(), in.amplification * roughness(window), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, window);
            side.weights.load();
            Input view = seen.view.on(side);
            return written(
                    side, result, epilogue, shift, residual, (out, end) -> side.ops.conv2d(out, view, conv, end));
        });
    }

    /** What a backend may gain speed with makes rounding errors about ten times as large. */
    private double roughness(Window window) {
        return sides().getFirst().backend.exact() || !window.equals(Window.SAME_3X3) ? 1 : 10;
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void conv2dOfDoubledImage(int seed) {
        random = new Random(seed);
        Shape shape = shape();
        Shape doubled = shape.withSize(2 * shape.h(), 2 * shape.w());
        float[] image = noise(shape.elements(), 1, 0);
        int outputs = pick(CHANNELS);
        Parameter weight = weight("conv.weight", outputs, shape.c(), 3, 3);
        Parameter bias = vector("conv.bias", outputs, 0);
        check(9 * shape.c(), roughness(Window.SAME_3X3), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, Window.SAME_3X3);
            side.weights.load();
            Tensor out = side.tensor(doubled.withChannels(outputs), nan(doubled.withChannels(outputs)));
            Input view = Input.of(side.tensor(shape, image)).resized(doubled.h(), doubled.w());
            side.ops.conv2d(out, view, conv);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void conv2dOfManyChannels(int seed) {
        random = new Random(seed);
        Shape shape = new Shape(1, pick(SIDES), 6, 257 + random.nextInt(300));
        float[] image = noise(shape.elements(), 1, 0);
        int outputs = 1 + random.nextInt(300);
        Parameter weight = weight("conv.weight", outputs, shape.c(), 3, 3);
        Parameter bias = vector("conv.bias", outputs, 0);
        Parameter scale = vector("norm.weight", shape.c(), 1);
        Parameter shift = vector("norm.bias", shape.c(), 0);
        check(9 * shape.c(), roughness(Window.SAME_3X3), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, Window.SAME_3X3);
            Norm norm = seed % 2 == 0
                    ? side.weights.layerNorm(scale, shift, 1e-5)
                    : side.weights.groupNorm(scale, shift, 1, 1e-5);
            side.weights.load();
            Tensor out = side.tensor(shape.withChannels(outputs), nan(shape.withChannels(outputs)));
            side.ops.conv2d(out, norm.silu(Input.of(side.tensor(shape, image))), conv);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void linear(int seed) {
        random = new Random(seed);
        Seen in = input(shape());
        int parts = 1 + random.nextInt(3);
        boolean biased = random.nextBoolean();
        boolean once = random.nextInt(3) == 0;
        List<Parameter> weights = new ArrayList<>();
        List<Parameter> biases = new ArrayList<>();
        int outputs = 0;
        for (int i = 0; i < parts; i++) {
            int rows = pick(CHANNELS);
            weights.add(weight("linear" + i + ".weight", rows, in.shape.c()));
            if (biased) {
                biases.add(vector("linear" + i + ".bias", rows, 0));
            }
            outputs += rows;
        }
        Shape result = in.shape.withChannels(outputs);
        int epilogue = random.nextInt(5);
        float[] shift = noise(outputs, 1, 0);
        float[] residual = noise(result.elements(), 1, 0);
        check(in.shape.c(), in.amplification, side -> {
            PreparedWeights prepared = once ? side.once : side.weights;
            Linear linear = prepared.linear(weights, biases);
            prepared.load();
            Input view = in.view.on(side);
            return written(
                    side, result, epilogue, shift, residual, (out, end) -> side.ops.linear(out, view, linear, end));
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void geglu(int seed) {
        random = new Random(seed);
        Seen in = input(shape());
        int half = pick(CHANNELS);
        Parameter weight = weight("geglu.weight", 2 * half, in.shape.c());
        Parameter bias = vector("geglu.bias", 2 * half, 0);
        check(4 * in.shape.c(), in.amplification, side -> {
            Linear projection = side.weights.geglu(weight, bias);
            side.weights.load();
            Tensor out = side.tensor(in.shape.withChannels(half), nan(in.shape.withChannels(half)));
            side.ops.geglu(out, in.view.on(side), projection);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void attention(int seed) {
        random = new Random(seed);
        int heads = 1 + random.nextInt(3);
        int channels = heads * pick(new int[] {1, 3, 8, 16, 17, 64, 80});
        Shape queries = new Shape(1 + random.nextInt(2), pick(SIDES), pick(SIDES), channels);
        boolean causal = random.nextInt(4) == 0;
        Shape keys = queries;
        if (!causal && random.nextBoolean()) {
            keys = new Shape(random.nextBoolean() ? 1 : queries.n(), 1, pick(new int[] {1, 2, 5, 77, 300}), channels);
        }
        Shape context = keys;
        double peaked = random.nextInt(4) == 0 ? 12 : 1;
        float[] q = noise(queries.elements(), peaked, 0);
        float[] k = noise(context.elements(), 1, 0);
        float[] v = noise(context.elements(), 1, 0);
        int size = channels / heads;
        check(((int) (peaked * peaked)) * size + context.h() * context.w(), side -> {
            Tensor out = side.tensor(queries, nan(queries));
            Tensor query = side.tensor(queries, q);
            side.ops.attention(out, query, side.tensor(context, k), side.tensor(context, v), heads, causal);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void copyOfAView(int seed) {
        random = new Random(seed);
        Seen in = input(shape());
        check(in.shape.c(), in.amplification, side -> {
            Tensor out = side.tensor(in.shape, nan(in.shape));
            side.ops.copy(out, in.view.on(side));
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void combineAndSample(int seed) {
        random = new Random(seed);
        Shape shape = shape();
        float[] a = noise(shape.elements(), 1, 0);
        float[] b = noise(shape.elements(), 20, 0);
        float[] c = noise(shape.elements(), 1, 0);
        check(4, side -> {
            Tensor out = side.tensor(shape, nan(shape));
            side.ops.combine(out, 0.7f, side.tensor(shape, a), -1.3f, side.tensor(shape, b));
            side.ops.combine(out, 2f, out, 0f, out);
            return out;
        });
        for (int i = 0; i < b.length; i++) {
            b[i] = Math.min(b[i], 4); // deviations to e²; the lower limit of -30 is reached
        }
        check(64, side -> {
            Tensor out = side.tensor(shape, nan(shape));
            side.ops.sample(out, side.tensor(shape, a), side.tensor(shape, b), side.tensor(shape, c), 0.18215f);
            return out;
        });
    }

    @Test
    void channelsOfATensorAreAView() {
        Shape shape = new Shape(2, 3, 5, 7);
        float[] values = noise(shape.elements(), 1, 0);
        check(1, side -> {
            Tensor whole = side.tensor(shape, values);
            Tensor out = side.tensor(shape.withChannels(3), nan(shape.withChannels(3)));
            side.ops.combine(out, 1, whole.channels(2, 3), 1, whole.channels(4, 3));
            return out;
        });
    }

    @Test
    void callsThatDoNotFitNameOperatorFoundAndExpected() {
        Run side = sides().getFirst();
        Conv2d conv = side.weights.conv2d(
                weight("net/conv.weight", 4, 3, 3, 3), vector("net/conv.bias", 4, 0), Window.SAME_3X3);
        Linear linear = side.weights.linear(weight("net/linear.weight", 4, 3), vector("net/linear.bias", 4, 0));
        Linear geglu = side.weights.geglu(weight("net/geglu.weight", 4, 3), vector("net/geglu.bias", 4, 0));
        side.weights.load();
        Shape shape = new Shape(1, 2, 2, 3);
        Tensor three = side.tensor(shape, new float[12]);
        Tensor four = side.tensor(shape.withChannels(4), new float[16]);
        refused(() -> side.ops.conv2d(four, Input.of(four), conv), "conv2d net/conv.weight", "4", "3");
        refused(
                () -> side.ops.conv2d(three, Input.of(three), conv),
                "conv2d net/conv.weight",
                "[1, 2, 2, 3]",
                "[1, 2, 2, 4]");
        refused(
                () -> side.ops.conv2d(four, Input.of(three), conv, Epilogue.plus(three)),
                "conv2d net/conv.weight",
                "[1, 2, 2, 3]");
        refused(() -> side.ops.linear(four, Input.of(four), linear), "linear net/linear.weight", "4", "3");
        refused(() -> side.ops.linear(three, Input.of(three), linear), "linear net/linear.weight", "[1, 2, 2, 4]");
        refused(() -> side.ops.geglu(four, Input.of(three), geglu), "geglu net/geglu.weight", "[1, 2, 2, 2]");
        refused(() -> side.ops.attention(three, three, four, four, 1, false), "attention", "[1, 2, 2, 4]");
        refused(() -> side.ops.attention(three, three, three, three, 2, false), "attention", "2 heads");
        refused(() -> side.ops.copy(four, Input.of(three)), "copy", "3", "4");
        refused(() -> side.ops.combine(four, 1, three, 0, four), "combine", "[1, 2, 2, 3]", "[1, 2, 2, 4]");
        refused(() -> side.ops.sample(four, four, three, four, 1), "sample", "[1, 2, 2, 3]");
        refused(() -> side.ops.upload(four, new float[3]), "upload", "3 values");
        refused(() -> Input.concat(three, side.tensor(new Shape(1, 1, 2, 3), new float[6])), "concat", "[1, 1, 2, 3]");
    }

    private static void refused(Runnable call, String... words) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }
}
