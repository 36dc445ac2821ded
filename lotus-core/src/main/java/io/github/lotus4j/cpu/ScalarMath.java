package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;

/** Elementary functions in single precision, the same polynomials as in {@link VectorKernels}. */
final class ScalarMath {
    /** Less would need a power of two that is no normal float. */
    static final float EXP_MIN = -86.9f;

    static final float EXP_MAX = 88.72f;
    static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, the first with so few digits that multiples of it are exact. */
    static final float LN2_HIGH = 0.693359375f;

    static final float LN2_LOW = -2.12194440e-4f;
    /** exp(r) = 1 + r + r² · p(r) for |r| ≤ ln(2) / 2, largest relative error 1e-7; highest power first. */
    static final float[] EXP = {
        1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f
    };
    /**
     * 1.5 · 2²³ + 126: adding and subtracting it rounds to an integer n; between the two, the sum's low bits are 126 + n, the exponent
     * of half of 2 to the n, since 2¹²⁸ is not a float.
     */
    static final float ROUND = 12583038f;

    static final int EXPONENT_BITS = 23;

    static final float SQRT_HALF = 0.70710678f;
    /** erfc(z) = t · exp(-z² + p(t)), t = 1 / (1 + z / 2), relative error 1.2e-7. Press et al. 1992, section 6.2. */
    static final float[] ERFC = {
        0.17087277f,
        -0.82215223f,
        1.48851587f,
        -1.13520398f,
        0.27886807f,
        -0.18628806f,
        0.09678418f,
        0.37409196f,
        1.00002368f,
        -1.26551223f
    };

    private ScalarMath() {}

    static float exp(float x) {
        float clamped = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
        float shifted = clamped * LOG2_E + ROUND;
        float n = shifted - ROUND;
        float r = clamped - n * LN2_HIGH - n * LN2_LOW;
        float p = EXP[0];
        for (int i = 1; i < EXP.length; i++) {
            p = p * r + EXP[i];
        }
        float value = p * r * r + r + 1f;
        return (value + value) * Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << EXPONENT_BITS);
    }

    static float activate(Activation activation, float x) {
        return switch (activation) {
            case NONE -> x;
            case SILU -> x / (1f + exp(-x));
            case GELU -> gelu(x);
            case QUICK_GELU -> x / (1f + exp(-1.702f * x));
        };
    }

    static float gelu(float x) {
        float z = Math.abs(x) * SQRT_HALF;
        float t = 1f / (1f + 0.5f * z);
        float p = ERFC[0];
        for (int i = 1; i < ERFC.length; i++) {
            p = p * t + ERFC[i];
        }
        float halfErfc = 0.5f * t * exp(p - z * z);
        return x * (x < 0 ? halfErfc : 1f - halfErfc);
    }
}
