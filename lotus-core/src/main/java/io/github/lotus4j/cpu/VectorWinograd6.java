package io.github.lotus4j.cpu;

import static jdk.incubator.vector.VectorOperators.FMA;

import jdk.incubator.vector.FloatVector;

/** F(6×6, 3×3): 64 products for 36 outputs; points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. */
final class VectorWinograd6 extends VectorWinograd {
    VectorWinograd6() {
        super(6);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep, int toVector, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += toVector) {
            FloatVector d1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector d2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector d3 = FloatVector.fromArray(SPECIES, from, x + 3 * step);
            FloatVector d4 = FloatVector.fromArray(SPECIES, from, x + 4 * step);
            FloatVector d5 = FloatVector.fromArray(SPECIES, from, x + 5 * step);
            FloatVector d6 = FloatVector.fromArray(SPECIES, from, x + 6 * step);
            d4.sub(d2)
                    .lanewise(
                            FMA, 5.25f, FloatVector.fromArray(SPECIES, from, x).sub(d6))
                    .intoArray(to, y);
            d3.sub(d5)
                    .lanewise(
                            FMA,
                            5.25f,
                            FloatVector.fromArray(SPECIES, from, x + 7 * step).sub(d1))
                    .intoArray(to, y + 7 * toStep);
            FloatVector even = d4.lanewise(FMA, -4.25f, d2.add(d6));
            FloatVector odd = d3.lanewise(FMA, -4.25f, d1.add(d5));
            even.add(odd).intoArray(to, y + toStep);
            even.sub(odd).intoArray(to, y + 2 * toStep);
            FloatVector even2 = d2.lanewise(FMA, 0.25f, d4.lanewise(FMA, -1.25f, d6));
            FloatVector odd2 = d1.lanewise(FMA, 0.5f, d3.lanewise(FMA, -2.5f, d5.add(d5)));
            even2.add(odd2).intoArray(to, y + 3 * toStep);
            even2.sub(odd2).intoArray(to, y + 4 * toStep);
            FloatVector even3 = d2.lanewise(FMA, 4f, d4.lanewise(FMA, -5f, d6));
            FloatVector odd3 = d5.lanewise(FMA, 0.5f, d3.lanewise(FMA, -2.5f, d1.add(d1)));
            even3.add(odd3).intoArray(to, y + 5 * toStep);
            even3.sub(odd3).intoArray(to, y + 6 * toStep);
        }
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, from, x);
            FloatVector g1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector g2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector sum = g0.add(g2).mul(-2 / 9f);
            FloatVector middle = g1.mul(-2 / 9f);
            FloatVector sum2 = g2.lanewise(FMA, 4f, g0).mul(1 / 90f);
            FloatVector middle2 = g1.mul(1 / 45f);
            FloatVector sum3 = g0.lanewise(FMA, 4f, g2).mul(8 / 45f);
            FloatVector middle3 = g1.mul(16 / 45f);
            g0.intoArray(to, y);
            sum.add(middle).intoArray(to, y + toStep);
            sum.sub(middle).intoArray(to, y + 2 * toStep);
            sum2.add(middle2).intoArray(to, y + 3 * toStep);
            sum2.sub(middle2).intoArray(to, y + 4 * toStep);
            sum3.add(middle3).intoArray(to, y + 5 * toStep);
            sum3.sub(middle3).intoArray(to, y + 6 * toStep);
            g2.intoArray(to, y + 7 * toStep);
        }
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector s1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector s2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector s3 = FloatVector.fromArray(SPECIES, from, x + 3 * step);
            FloatVector s4 = FloatVector.fromArray(SPECIES, from, x + 4 * step);
            FloatVector s5 = FloatVector.fromArray(SPECIES, from, x + 5 * step);
            FloatVector s6 = FloatVector.fromArray(SPECIES, from, x + 6 * step);
            FloatVector sum = s1.add(s2);
            FloatVector sum2 = s3.add(s4);
            FloatVector sum3 = s5.add(s6);
            FloatVector.fromArray(SPECIES, from, x).add(sum).add(sum2).add(sum3).intoArray(to, y);
            sum2.lanewise(FMA, 4f, sum3.lanewise(FMA, 1 / 4f, sum)).intoArray(to, y + 2 * toStep);
            sum2.lanewise(FMA, 16f, sum3.lanewise(FMA, 1 / 16f, sum)).intoArray(to, y + 4 * toStep);
            FloatVector difference = s1.sub(s2);
            FloatVector difference2 = s3.sub(s4);
            FloatVector difference3 = s5.sub(s6);
            difference2
                    .lanewise(FMA, 2f, difference3.lanewise(FMA, 1 / 2f, difference))
                    .intoArray(to, y + toStep);
            difference2
                    .lanewise(FMA, 8f, difference3.lanewise(FMA, 1 / 8f, difference))
                    .intoArray(to, y + 3 * toStep);
            FloatVector last = difference.add(FloatVector.fromArray(SPECIES, from, x + 7 * step));
            difference2
                    .lanewise(FMA, 32f, difference3.lanewise(FMA, 1 / 32f, last))
                    .intoArray(to, y + 5 * toStep);
        }
    }
}
