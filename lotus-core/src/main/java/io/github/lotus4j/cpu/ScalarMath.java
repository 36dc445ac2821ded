package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;

/** Elementary functions in single precision, the same polynomials as in {@link VectorMath}. */
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
    /** 1.5 · 2²³: adding and subtracting it rounds to an integer n; between the two, the sum's low bits are n. */
    static final float ROUND = 12582912f;

    static final int EXPONENT_BITS = 23;

    static final float SQRT_HALF = 0.70710678f;
    /** Beyond this, erf(z) is 1 to single precision. */
    static final float ERF_MAX = 3.9f;
    /** erf(z) = z · p(z²) / q(z²) for |z| ≤ 3.9, a minimax fit with a largest relative error of 5e-8; highest powers first. */
    static final float[] ERF_NUMERATOR = {
        2.0148583e-8f, -1.963215e-6f, 1.4059707e-4f, 3.6321639e-3f, 5.0344512e-2f, 1.981791e-1f, 1.1283791f
    };

    static final float[] ERF_DENOMINATOR = {9.4055466e-4f, 1.4207607e-2f, 1.1427959e-1f, 5.0896341e-1f, 1f};

    private ScalarMath() {}

    static float exp(float x) {
        float clamped = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
        float shifted = clamped * LOG2_E + ROUND;
        float n = shifted - ROUND;
        float r = clamped - n * LN2_HIGH - n * LN2_LOW;
        float value = polynomial(EXP, r) * r * r + r + 1f;
        int exponent = Float.floatToRawIntBits(shifted) << EXPONENT_BITS;
        return Float.isNaN(x) ? x : Float.intBitsToFloat(Float.floatToRawIntBits(value) + exponent);
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
        float z = x * SQRT_HALF;
        float u = z * z;
        float erf = z * polynomial(ERF_NUMERATOR, u) / polynomial(ERF_DENOMINATOR, u);
        erf = z > ERF_MAX ? 1f : z < -ERF_MAX ? -1f : erf;
        return 0.5f * x + 0.5f * x * erf;
    }

    /** Horner's scheme. */
    private static float polynomial(float[] coefficients, float x) {
        float sum = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            sum = sum * x + coefficients[i];
        }
        return sum;
    }
}
