package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.ops.Activation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the operators' random values do not reach: the ends of the elementary functions' ranges, and what is no number. */
class KernelsTest {
    /** More than fill the widest vector, so that each stands once in vectors and once in their remainder. */
    private static final float[] VALUES = values(-1e30f, -1e4f, -88f, -4f, -0f, 0f, 1e-30f, 4f, 88f, 1e4f, Float.NaN);

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
        float[] found = VALUES.clone();
        float sum = kernels.exponentials(found, 0, found.length, 0);
        for (int i = 0; i < found.length; i++) {
            double expected = Math.exp(Math.clamp(VALUES[i], ScalarMath.EXP_MIN, ScalarMath.EXP_MAX));
            check("exp(%s)".formatted(VALUES[i]), found[i], expected, 1e-6 * expected);
        }
        assertThat(sum).isNaN();
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationsKeepWhatIsNoNumber(Activation activation) {
        for (Kernels kernels : kernels()) {
            float[] found = VALUES.clone();
            kernels.activate(activation, found, 0, found.length);
            for (int i = 0; i < found.length; i++) {
                String what = "%s(%s), %s".formatted(activation, VALUES[i], kernels.description());
                check(what, found[i], activated(activation, VALUES[i]), 1e-6 * Math.abs(VALUES[i]) + 2e-4);
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
    void theLargestNumberIsFound(Kernels kernels) {
        float[] values = values(-3f, -2f, -7f, -5f, -11f);
        for (int at = 0; at < values.length; at++) {
            float[] one = values.clone();
            one[at] = -1f;
            assertThat(kernels.max(one, 0, one.length)).as("at %d", at).isEqualTo(-1f);
        }
    }
}
