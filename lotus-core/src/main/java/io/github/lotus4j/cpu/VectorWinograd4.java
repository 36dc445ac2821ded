package io.github.lotus4j.cpu;

import static jdk.incubator.vector.VectorOperators.FMA;

import jdk.incubator.vector.FloatVector;

/** F(4×4, 3×3): 36 products for 16 outputs; points 0, 1, -1, 2, -2 and infinity. */
final class VectorWinograd4 extends VectorWinograd {
    VectorWinograd4() {
        super(4);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep, int toVector, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += toVector) {
            FloatVector d1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector d2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector d3 = FloatVector.fromArray(SPECIES, from, x + 3 * step);
            FloatVector d4 = FloatVector.fromArray(SPECIES, from, x + 4 * step);
            FloatVector even = d2.lanewise(FMA, -4f, d4);
            FloatVector odd = d1.lanewise(FMA, -4f, d3);
            FloatVector even2 = d4.sub(d2);
            FloatVector odd2 = d3.sub(d1);
            FloatVector.fromArray(SPECIES, from, x)
                    .sub(d2)
                    .lanewise(FMA, 4f, even2)
                    .intoArray(to, y);
            even.add(odd).intoArray(to, y + toStep);
            even.sub(odd).intoArray(to, y + 2 * toStep);
            odd2.lanewise(FMA, 2f, even2).intoArray(to, y + 3 * toStep);
            odd2.lanewise(FMA, -2f, even2).intoArray(to, y + 4 * toStep);
            odd2.lanewise(
                            FMA,
                            -4f,
                            FloatVector.fromArray(SPECIES, from, x + 5 * step).sub(d3))
                    .intoArray(to, y + 5 * toStep);
        }
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, from, x);
            FloatVector g1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector g2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector sum = g0.add(g2).mul(-1 / 6f);
            FloatVector middle = g1.mul(-1 / 6f);
            FloatVector sum2 = g2.lanewise(FMA, 4f, g0).mul(1 / 24f);
            FloatVector middle2 = g1.mul(1 / 12f);
            g0.mul(0.25f).intoArray(to, y);
            sum.add(middle).intoArray(to, y + toStep);
            sum.sub(middle).intoArray(to, y + 2 * toStep);
            sum2.add(middle2).intoArray(to, y + 3 * toStep);
            sum2.sub(middle2).intoArray(to, y + 4 * toStep);
            g2.intoArray(to, y + 5 * toStep);
        }
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector s1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector s2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector s3 = FloatVector.fromArray(SPECIES, from, x + 3 * step);
            FloatVector s4 = FloatVector.fromArray(SPECIES, from, x + 4 * step);
            FloatVector sum = s1.add(s2);
            FloatVector difference = s1.sub(s2);
            FloatVector sum2 = s3.add(s4);
            FloatVector difference2 = s3.sub(s4);
            FloatVector.fromArray(SPECIES, from, x).add(sum).add(sum2).intoArray(to, y);
            difference2.lanewise(FMA, 2f, difference).intoArray(to, y + toStep);
            sum2.lanewise(FMA, 4f, sum).intoArray(to, y + 2 * toStep);
            difference2
                    .lanewise(FMA, 8f, difference.add(FloatVector.fromArray(SPECIES, from, x + 5 * step)))
                    .intoArray(to, y + 3 * toStep);
        }
    }
}
