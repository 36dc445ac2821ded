package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of vectors, with {@link ScalarMath}'s polynomials. Arguments are clamped by comparisons: {@code min} and
 * {@code max} of floats take several times the instructions, for the sake of zeros' signs.
 */
final class VectorMath {
    private VectorMath() {}

    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.blend(ScalarMath.EXP_MIN, x.compare(VectorOperators.LT, ScalarMath.EXP_MIN));
        clamped = clamped.blend(ScalarMath.EXP_MAX, x.compare(VectorOperators.GT, ScalarMath.EXP_MAX));
        FloatVector shifted = clamped.fma(ScalarMath.LOG2_E, ScalarMath.ROUND);
        FloatVector n = shifted.sub(ScalarMath.ROUND);
        FloatVector r = n.lanewise(VectorOperators.FMA, -ScalarMath.LN2_HIGH, clamped);
        r = n.lanewise(VectorOperators.FMA, -ScalarMath.LN2_LOW, r);
        float[] q = ScalarMath.EXP;
        FloatVector p = r.fma(q[0], q[1]);
        p = p.lanewise(VectorOperators.FMA, r, q[2]);
        p = p.lanewise(VectorOperators.FMA, r, q[3]);
        p = p.lanewise(VectorOperators.FMA, r, q[4]);
        p = p.lanewise(VectorOperators.FMA, r, q[5]);
        FloatVector value = p.fma(r.mul(r), r).add(1f);
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, ScalarMath.EXPONENT_BITS);
        FloatVector result = value.reinterpretAsInts().add(exponent).reinterpretAsFloats();
        return result.blend(x, x.compare(VectorOperators.NE, x)); // added to the bits of NaN, it might give a number
    }

    static FloatVector gelu(FloatVector x) {
        FloatVector z = x.mul(ScalarMath.SQRT_HALF);
        FloatVector u = z.mul(z);
        float[] a = ScalarMath.ERF_NUMERATOR;
        FloatVector p = u.fma(a[0], a[1]);
        p = p.lanewise(VectorOperators.FMA, u, a[2]);
        p = p.lanewise(VectorOperators.FMA, u, a[3]);
        p = p.lanewise(VectorOperators.FMA, u, a[4]);
        p = p.lanewise(VectorOperators.FMA, u, a[5]);
        p = p.lanewise(VectorOperators.FMA, u, a[6]);
        float[] b = ScalarMath.ERF_DENOMINATOR;
        FloatVector q = u.fma(b[0], b[1]);
        q = q.lanewise(VectorOperators.FMA, u, b[2]);
        q = q.lanewise(VectorOperators.FMA, u, b[3]);
        q = q.lanewise(VectorOperators.FMA, u, b[4]);
        FloatVector erf = p.mul(z).div(q);
        erf = erf.blend(-1f, z.compare(VectorOperators.LT, -ScalarMath.ERF_MAX));
        erf = erf.blend(1f, z.compare(VectorOperators.GT, ScalarMath.ERF_MAX));
        FloatVector half = x.mul(0.5f);
        return half.fma(erf, half);
    }
}
