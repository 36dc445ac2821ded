package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;

/** F(2×2, 3×3): 16 products for 4 outputs; points 0, 1, -1 and infinity. */
final class VectorWinograd2 extends VectorWinograd {
    VectorWinograd2() {
        super(2);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep, int toVector, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += toVector) {
            FloatVector d1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector d2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector.fromArray(SPECIES, from, x).sub(d2).intoArray(to, y);
            d1.add(d2).intoArray(to, y + toStep);
            d2.sub(d1).intoArray(to, y + 2 * toStep);
            FloatVector.fromArray(SPECIES, from, x + 3 * step).sub(d1).intoArray(to, y + 3 * toStep);
        }
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, from, x);
            FloatVector g2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector sum = g0.add(g2).mul(0.5f);
            FloatVector middle = FloatVector.fromArray(SPECIES, from, x + step).mul(0.5f);
            g0.intoArray(to, y);
            sum.add(middle).intoArray(to, y + toStep);
            sum.sub(middle).intoArray(to, y + 2 * toStep);
            g2.intoArray(to, y + 3 * toStep);
        }
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int c = 0, x = at, y = toAt; c < count; c += LANES, x += LANES, y += LANES) {
            FloatVector s1 = FloatVector.fromArray(SPECIES, from, x + step);
            FloatVector s2 = FloatVector.fromArray(SPECIES, from, x + 2 * step);
            FloatVector.fromArray(SPECIES, from, x).add(s1).add(s2).intoArray(to, y);
            s1.sub(s2).add(FloatVector.fromArray(SPECIES, from, x + 3 * step)).intoArray(to, y + toStep);
        }
    }
}
