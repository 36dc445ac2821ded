package io.github.lotus4j.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every backend must do, against the textbook in doubles: each case is drawn from a seed, which names the test. Sizes are
 * awkward.
 */
public abstract class OpsContractTest extends ConvolutionContractTest {
    /** One pixel far away, wherever it lies: what is measured from there cancels. */
    @ParameterizedTest
    @ValueSource(ints = {0, 17, 4000, 4899})
    void groupNormAroundAnOutlier(int pixel) {
        random = new Random(pixel);
        Shape shape = new Shape(1, 70, 70, 6);
        float[] image = noise(shape.elements(), 1, 0);
        Arrays.fill(image, pixel * shape.c(), (pixel + 1) * shape.c(), 3000f);
        groupNorm(shape, image, index -> index / shape.c() != pixel);
    }

    /** A mean that is large beside the deviation: what is measured from zero cancels. */
    @ParameterizedTest
    @ValueSource(doubles = {1000, -1000, 1e5})
    void groupNormOfALargeMean(double wanted) {
        double mean = storage() == DType.F16 ? Math.min(wanted, 3e4) : wanted;
        random = new Random((long) mean);
        Shape shape = new Shape(1, 128, 129, 2);
        groupNorm(shape, noise(shape.elements(), mean / 1000, mean), index -> true);
    }

    /** From those that fit a block of threads to those of which many have a part; beside a second tensor, across which groups reach. */
    @ParameterizedTest
    @CsvSource({
        "320, 0, 32, 16",
        "640, 1280, 32, 8",
        "512, 0, 32, 64",
        "960, 0, 32, 40",
        "24, 16, 8, 33",
        "44, 0, 2, 70",
        "40, 0, 2, 96"
    })
    void groupNormOfManyGroups(int first, int second, int groups, int side) {
        random = new Random(side);
        Shape shape = new Shape(1, side, side - 1, first + second);
        float[] left = noise(shape.withChannels(first).elements(), 1, 3);
        float[] right = noise(shape.withChannels(Math.max(second, 1)).elements(), 2, -1);
        Parameter scale = vector("norm.weight", shape.c(), 1);
        Parameter shift = vector("norm.bias", shape.c(), 0);
        check(1, 1, index -> true, at -> {
            Norm norm = at.weights.groupNorm(scale, shift, groups, 1e-5);
            at.weights.load();
            Tensor of = at.tensor(shape.withChannels(first), left);
            Input in = second == 0 ? Input.of(of) : Input.concat(of, at.tensor(shape.withChannels(second), right));
            Tensor out = at.tensor(shape, nan(shape));
            at.ops.copy(out, norm.silu(in));
            return out;
        });
    }

    private void groupNorm(Shape shape, float[] image, IntPredicate compared) {
        Parameter scale = vector("norm.weight", shape.c(), 1);
        Parameter shift = vector("norm.bias", shape.c(), 0);
        check(1, 1, compared, side -> {
            Norm norm = side.weights.groupNorm(scale, shift, shape.c() / 2, 1e-5);
            side.weights.load();
            Tensor out = side.tensor(shape, nan(shape));
            side.ops.copy(out, norm.of(side.tensor(shape, image)));
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
            weights.add(weight("linear" + i + ".weight", rows, in.shape().c()));
            if (biased) {
                biases.add(vector("linear" + i + ".bias", rows, 0));
            }
            outputs += rows;
        }
        Shape result = in.shape().withChannels(outputs);
        int epilogue = random.nextInt(5);
        float[] shift = noise(outputs, 1, 0);
        float[] residual = noise(result.elements(), 1, 0);
        check(in.shape().c(), in.amplification(), side -> {
            PreparedWeights prepared = once ? side.once : side.weights;
            Linear linear = prepared.linear(weights, biases);
            prepared.load();
            Input view = in.view().on(side);
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
        Parameter weight = weight("geglu.weight", 2 * half, in.shape().c());
        Parameter bias = vector("geglu.bias", 2 * half, 0);
        check(4 * in.shape().c(), in.amplification(), side -> {
            Linear projection = side.weights.geglu(weight, bias);
            side.weights.load();
            Tensor out =
                    side.tensor(in.shape().withChannels(half), nan(in.shape().withChannels(half)));
            side.ops.geglu(out, in.view().on(side), projection);
            return out;
        });
    }

    /** Weights of more than a megabyte are loaded piece by piece. */
    @ParameterizedTest
    @MethodSource("fewSeeds")
    void linearAndGegluOfManyFeatures(int seed) {
        random = new Random(seed);
        Shape shape = new Shape(1, 1, 3, 500 + random.nextInt(300));
        float[] image = noise(shape.elements(), 1, 0);
        int half = 400 + random.nextInt(300);
        Parameter projection = weight("geglu.weight", 2 * half, shape.c());
        Parameter bias = vector("geglu.bias", 2 * half, 0);
        List<Parameter> stacked = List.of(
                weight("q.weight", 200 + random.nextInt(300), shape.c()),
                weight("k.weight", 500 + random.nextInt(300), shape.c()));
        int outputs = stacked.get(0).shape()[0] + stacked.get(1).shape()[0];
        check(4 * shape.c(), side -> {
            Linear geglu = side.weights.geglu(projection, bias);
            Linear linear = side.weights.linear(stacked, List.of());
            side.weights.load();
            Tensor in = side.tensor(shape, image);
            Tensor out = side.tensor(shape.withChannels(half + outputs), nan(shape.withChannels(half + outputs)));
            side.ops.geglu(out.channels(0, half), Input.of(in), geglu);
            side.ops.linear(out.channels(half, outputs), Input.of(in), linear);
            return out;
        });
    }

    /** More of each than any implementation computes at a time. */
    @Test
    void linearOfManyPixelsAndFeatures() {
        random = new Random(1);
        Shape shape = new Shape(1, 40, 41, 650);
        float[] image = noise(shape.elements(), 1, 0);
        Parameter weight = weight("weight", 600, shape.c());
        check(shape.c(), side -> {
            Linear linear = side.weights.linear(List.of(weight), List.of());
            side.weights.load();
            Shape result = shape.withChannels(600);
            Tensor out = side.tensor(result, nan(result));
            side.ops.linear(out, Input.of(side.tensor(shape, image)), linear);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void attention(int seed) {
        random = new Random(seed);
        int heads = 1 + random.nextInt(3);
        int channels = heads * pick(new int[] {1, 3, 8, 16, 17, 64, 80, 160});
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
        check(in.shape().c(), in.amplification(), side -> {
            Tensor out = side.tensor(in.shape(), nan(in.shape()));
            side.ops.copy(out, in.view().on(side));
            return out;
        });
    }

    /** Weights of an axis from so many pixels to so many, which need not add up to one. */
    private Axis axis(int from, int to) {
        if (from == to && random.nextBoolean()) {
            return Axis.same(to);
        }
        int taps = 1 + random.nextInt(Math.min(from, 5));
        int[] first = random.ints(to, 0, from - taps + 1).toArray();
        float[] weights = new float[to * taps];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() / taps;
        }
        return new Axis(from, to, taps, first, weights);
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void imagesComeInResized(int seed) {
        random = new Random(seed);
        Shape to = shape();
        Axis vertical = axis(pick(SIDES), to.h());
        Axis horizontal = axis(seed % 2 == 0 ? to.w() : pick(SIDES), to.w());
        byte[] samples = new byte[to.n() * vertical.from() * horizontal.from() * to.c()];
        random.nextBytes(samples);
        check(25, side -> {
            Tensor out = side.tensor(to, nan(to));
            side.ops.uploadImages(out, samples, vertical, horizontal);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void imagesGoOutResized(int seed) {
        random = new Random(seed);
        Shape from = shape();
        Axis vertical = axis(from.h(), pick(SIDES));
        Axis horizontal = axis(from.w(), seed % 2 == 0 ? from.w() : pick(SIDES));
        float[] values = noise(from.elements(), 1, 0); // some lie outside of -1 to 1
        float[] notFinite = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        values[random.nextInt(values.length)] = notFinite[seed % notFinite.length];
        boolean mean = random.nextBoolean();
        Shape to = from.withSize(vertical.to(), horizontal.to()).withChannels(mean ? 1 : from.c());
        List<float[]> results = new ArrayList<>();
        for (Run side : sides()) {
            Tensor in = side.tensor(from, values);
            results.add(
                    mean
                            ? side.ops.downloadMeans(in, vertical, horizontal)
                            : side.ops.downloadImages(in, vertical, horizontal));
        }
        assertThat(results.getFirst())
                .hasSize((int) to.elements())
                .containsExactly(results.getLast(), within(1e-5f)); // floats, whatever the storage; NaN where NaN
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
