package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.ops.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operators' random values do not reach: the ends of the elementary functions' ranges, and what is no number. */
class KernelsTest {
    /** More than fill the widest vector, so that each stands once in vectors and once in their remainder. */
    private static final float[] VALUES = values(
            -1e30f,
            -1e4f,
            -88f,
            -7f,
            -0f,
            0f,
            1e-30f,
            7f,
            88f,
            1e4f,
            nan(0x7fc00000),
            nan(0xffffffff),
            nan(0x7f800001));

    /** One of the many: what else is in it must not become a number. */
    private static float nan(int bits) {
        return Float.intBitsToFloat(bits);
    }

    static List<Kernels> kernels() {
        return List.of(new VectorKernels(), new ScalarKernels());
    }

    private static float[] values(float... some) {
        float[] values = Arrays.copyOf(some, 43);
        for (int i = some.length; i < values.length; i++) {
            values[i] = some[i % some.length];
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void exponentialsEndWhereFloatsEnd(Kernels kernels) {
        float[] found = new float[kernels.panelStride(VALUES.length)];
        int row = kernels.ofRow(1, found.length);
        float[] sums = new float[kernels.segment()];
        kernels.exponentials(VALUES, 0, VALUES.length, 0, found, row, sums, 0);
        for (int i = 0; i < VALUES.length; i++) {
            double expected = Math.exp(Math.clamp(VALUES[i], ScalarMath.EXP_MIN, ScalarMath.EXP_MAX));
            check("exp(%s)".formatted(VALUES[i]), found[row + kernels.ofColumn(i)], expected, 1e-6 * expected);
        }
        assertThat(total(sums)).isNaN();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void exponentialsOfManySegments(Kernels kernels) {
        float[] values = noise(new Random(2), 203);
        float[] found = new float[kernels.panelStride(200)];
        int row = kernels.ofRow(4, found.length);
        float[] sums = new float[2 + kernels.segment() + 1];
        sums[2] = 10;
        kernels.exponentials(values, 3, 200, 0.5f, found, row, sums, 2);
        double expectedSum = 10;
        for (int i = 0; i < 200; i++) {
            double expected = Math.exp(values[3 + i] - 0.5);
            check("value %d".formatted(i), found[row + kernels.ofColumn(i)], expected, 1e-6 * expected);
            expectedSum += expected;
        }
        check("sum", total(sums), expectedSum, 1e-5 * expectedSum);
        assertThat(sums[0] + sums[1] + sums[sums.length - 1]).isZero();
    }

    private static double total(float[] sums) {
        double total = 0;
        for (float sum : sums) {
            total += sum;
        }
        return total;
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationsKeepWhatIsNoNumber(Activation activation) {
        for (Kernels kernels : kernels()) {
            float[] found = VALUES.clone();
            kernels.activate(activation, found, 0, found.length);
            for (int i = 0; i < found.length; i++) {
                String what = "%s(%s), %s".formatted(activation, VALUES[i], kernels.description());
                double expected = activated(activation, VALUES[i]);
                check(what, found[i], expected, 1e-6 * Math.abs(expected) + 1e-8);
            }
        }
    }

    private static void check(String what, double found, double expected, double allowed) {
        if (Double.isNaN(expected)) {
            assertThat(found).as(what).isNaN();
        } else {
            assertThat(found).as(what).isCloseTo(expected, within(allowed));
        }
    }

    /** In double precision; of the values here, GELU gives 0 or x itself. */
    private static double activated(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case SILU -> x / (1 + Math.exp(-x));
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
            case GELU -> Math.max(x, 0);
        };
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void productsOfAnyNumberOfRows(Kernels kernels) {
        int width = kernels.panelWidth();
        Random random = new Random(1);
        for (int rows = 1; rows <= 21; rows++) {
            int depth = rows == 1 ? DepthBlocks.LONGEST : 1 + random.nextInt(DepthBlocks.LONGEST);
            int step = width + random.nextInt(3);
            int at = random.nextInt(5);
            float[] a = noise(random, rows * depth);
            float[] b = noise(random, at + depth * width);
            int panel = kernels.panelStride(depth) + random.nextInt(3);
            float[] packed = new float[at + kernels.wholePanels(rows) / kernels.panelRows() * panel];
            Arrays.fill(packed, Float.NaN);
            for (int row = 0; row < rows; row++) {
                kernels.pack(a, row * depth, depth, packed, at + kernels.ofRow(row, panel));
            }
            float[] c = new float[at + kernels.wholePanels(rows) * step];
            Arrays.fill(c, Float.NaN);
            float[] zeros = new float[width];
            float[] offsets = noise(random, at + width);
            int beforeStep = width + random.nextInt(3);
            float[] before = noise(random, at + kernels.wholePanels(rows) * beforeStep);
            kernels.multiply(packed, at, panel, b, at, depth, offsets, at, before, at, beforeStep, c, at, step, rows);
            kernels.multiply(packed, at, panel, b, at, depth, zeros, 0, c, at, step, c, at, step, rows);
            for (int i = 0; i < rows * width; i++) {
                double sum = offsets[at + i % width] + before[at + i / width * beforeStep + i % width];
                for (int k = 0; k < depth; k++) {
                    sum += 2.0 * a[i / width * depth + k] * b[at + k * width + i % width];
                }
                double error = 5e-6 + 2e-7 * depth;
                check("row %d of %d".formatted(i / width, rows), c[at + i / width * step + i % width], sum, error);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void tooDeepAProductIsRefused(Kernels kernels) {
        float[] floats = new float[1 << 16];
        assertThatThrownBy(() -> kernels.multiply(
                        floats, 0, 0, floats, 0, DepthBlocks.LONGEST + 1, floats, 0, floats, 0, 0, floats, 0, 0, 6))
                .hasMessage("depth: found 321, expected at most 320");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6})
    void transformsAreTheOnesThatTheMatricesSay(int tile) {
        Kernels vectorKernels = new VectorKernels();
        Kernels plainKernels = new ScalarKernels();
        WinogradTransforms vectors = vectorKernels.winograd(tile);
        WinogradTransforms plain = plainKernels.winograd(tile);
        Random random = new Random(tile);
        int points = vectors.points();
        int products = points * points;
        float[] scratch = new float[WinogradTransforms.SCRATCH];
        for (int count : IntStream.concat(IntStream.rangeClosed(1, 37), IntStream.of(64, 71, 150))
                .toArray()) {
            float[] patch = noise(random, products * count);
            float[][] found = {
                input(vectorKernels, tile, patch, count), new float[products * count], new float[products * count]
            };
            float[][] expected = {
                input(plainKernels, tile, patch, count), new float[products * count], new float[products * count]
            };
            vectors.weights(patch, 0, count, found[1], 0, count, count, scratch);
            plain.weights(patch, 0, count, expected[1], 0, count, count, scratch);
            vectors.output(patch, 0, count, found[2], 0, tile * count, count, count, scratch);
            plain.output(patch, 0, count, expected[2], 0, tile * count, count, count, scratch);
            for (int transform = 0; transform < found.length; transform++) {
                for (int i = 0; i < products * count; i++) {
                    String what = "transform %d, %d channels, value %d".formatted(transform, count, i);
                    check(what, found[transform][i], expected[transform][i], 2e-3);
                }
            }
        }
    }

    /** {@code [product][channel]}, from where they lie in panels of rows. */
    private static float[] input(Kernels kernels, int tile, float[] patch, int count) {
        WinogradTransforms transforms = kernels.winograd(tile);
        int points = transforms.points();
        int panel = kernels.panelStride(count);
        float[] panels = new float[points * points * panel];
        float[] scratch = new float[WinogradTransforms.SCRATCH];
        transforms.input(patch, 0, points * count, count, panels, 0, panel, count, scratch);
        float[] input = new float[points * points * count];
        for (int i = 0; i < input.length; i++) {
            input[i] = panels[i / count * panel + kernels.ofColumn(i % count)];
        }
        return input;
    }

    static float[] noise(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void theLargestNumberIsFound(Kernels kernels) {
        float[] values = values(-3f, -2f, -7f, -5f, -11f);
        for (int at = 0; at < values.length; at++) {
            float[] one = values.clone();
            one[at] = -1f;
            assertThat(kernels.max(one, 0, one.length)).as("at %d", at).isEqualTo(-1f);
        }
    }
}
