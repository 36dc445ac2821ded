package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;

/** F(2×2, 3×3): 16 products for 4 outputs; points 0, 1, -1 and infinity. */
final class VectorWinograd2 extends VectorWinograd {
    VectorWinograd2() {
        super(2);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        load(from, at).sub(d2).intoArray(to, toAt);
        d1.add(d2).intoArray(to, toAt + toStep);
        d2.sub(d1).intoArray(to, toAt + 2 * toStep);
        load(from, at + 3 * step).sub(d1).intoArray(to, toAt + 3 * toStep);
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector g0 = load(from, at);
        FloatVector g2 = load(from, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(0.5f);
        FloatVector middle = load(from, at + step).mul(0.5f);
        g0.intoArray(to, toAt);
        sum.add(middle).intoArray(to, toAt + toStep);
        sum.sub(middle).intoArray(to, toAt + 2 * toStep);
        g2.intoArray(to, toAt + 3 * toStep);
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector s1 = load(from, at + step);
        FloatVector s2 = load(from, at + 2 * step);
        load(from, at).add(s1).add(s2).intoArray(to, toAt);
        s1.sub(s2).add(load(from, at + 3 * step)).intoArray(to, toAt + toStep);
    }
}
