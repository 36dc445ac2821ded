package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;

/** F(4×4, 3×3): 36 products for 16 outputs; points 0, 1, -1, 2, -2 and infinity. */
final class VectorWinograd4 extends VectorWinograd {
    VectorWinograd4() {
        super(4);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        FloatVector d3 = load(from, at + 3 * step);
        FloatVector d4 = load(from, at + 4 * step);
        FloatVector even = d4.sub(d2.mul(4f));
        FloatVector odd = d3.sub(d1.mul(4f));
        FloatVector even2 = d4.sub(d2);
        FloatVector odd2 = d3.sub(d1).mul(2f);
        even2.sub(d2.sub(load(from, at)).mul(4f)).intoArray(to, toAt);
        even.add(odd).intoArray(to, toAt + toStep);
        even.sub(odd).intoArray(to, toAt + 2 * toStep);
        even2.add(odd2).intoArray(to, toAt + 3 * toStep);
        even2.sub(odd2).intoArray(to, toAt + 4 * toStep);
        load(from, at + 5 * step).sub(d3).sub(d3.sub(d1).mul(4f)).intoArray(to, toAt + 5 * toStep);
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector g0 = load(from, at);
        FloatVector g1 = load(from, at + step);
        FloatVector g2 = load(from, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(-1 / 6f);
        FloatVector middle = g1.mul(-1 / 6f);
        FloatVector sum2 = g2.mul(4f).add(g0).mul(1 / 24f);
        FloatVector middle2 = g1.mul(1 / 12f);
        g0.mul(0.25f).intoArray(to, toAt);
        sum.add(middle).intoArray(to, toAt + toStep);
        sum.sub(middle).intoArray(to, toAt + 2 * toStep);
        sum2.add(middle2).intoArray(to, toAt + 3 * toStep);
        sum2.sub(middle2).intoArray(to, toAt + 4 * toStep);
        g2.intoArray(to, toAt + 5 * toStep);
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector s1 = load(from, at + step);
        FloatVector s2 = load(from, at + 2 * step);
        FloatVector s3 = load(from, at + 3 * step);
        FloatVector s4 = load(from, at + 4 * step);
        FloatVector sum = s1.add(s2);
        FloatVector difference = s1.sub(s2);
        FloatVector sum2 = s3.add(s4);
        FloatVector difference2 = s3.sub(s4);
        load(from, at).add(sum).add(sum2).intoArray(to, toAt);
        difference2.mul(2f).add(difference).intoArray(to, toAt + toStep);
        sum2.mul(4f).add(sum).intoArray(to, toAt + 2 * toStep);
        difference2.mul(8f).add(difference).add(load(from, at + 5 * step)).intoArray(to, toAt + 3 * toStep);
    }
}
