package io.github.lotus4j.cpu;

import jdk.incubator.vector.FloatVector;

/** F(6×6, 3×3): 64 products for 36 outputs; points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. */
final class VectorWinograd6 extends VectorWinograd {
    VectorWinograd6() {
        super(6);
    }

    @Override
    void input(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector d1 = load(from, at + step);
        FloatVector d2 = load(from, at + 2 * step);
        FloatVector d3 = load(from, at + 3 * step);
        FloatVector d4 = load(from, at + 4 * step);
        FloatVector d5 = load(from, at + 5 * step);
        FloatVector d6 = load(from, at + 6 * step);
        d4.sub(d2).mul(5.25f).add(load(from, at)).sub(d6).intoArray(to, toAt);
        d3.sub(d5).mul(5.25f).sub(d1).add(load(from, at + 7 * step)).intoArray(to, toAt + 7 * toStep);
        FloatVector even = d4.mul(-4.25f).add(d2).add(d6);
        FloatVector odd = d3.mul(-4.25f).add(d1).add(d5);
        even.add(odd).intoArray(to, toAt + toStep);
        even.sub(odd).intoArray(to, toAt + 2 * toStep);
        FloatVector d3Scaled = d3.mul(-2.5f);
        FloatVector even2 = d2.mul(0.25f).sub(d4.mul(1.25f)).add(d6);
        FloatVector odd2 = d1.mul(0.5f).add(d3Scaled).add(d5.add(d5));
        even2.add(odd2).intoArray(to, toAt + 3 * toStep);
        even2.sub(odd2).intoArray(to, toAt + 4 * toStep);
        FloatVector even3 = d2.mul(4f).sub(d4.mul(5f)).add(d6);
        FloatVector odd3 = d1.add(d1).add(d3Scaled).add(d5.mul(0.5f));
        even3.add(odd3).intoArray(to, toAt + 5 * toStep);
        even3.sub(odd3).intoArray(to, toAt + 6 * toStep);
    }

    @Override
    void weights(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector g0 = load(from, at);
        FloatVector g1 = load(from, at + step);
        FloatVector g2 = load(from, at + 2 * step);
        FloatVector sum = g0.add(g2).mul(-2 / 9f);
        FloatVector middle = g1.mul(-2 / 9f);
        FloatVector sum2 = g2.mul(4f).add(g0).mul(1 / 90f);
        FloatVector middle2 = g1.mul(1 / 45f);
        FloatVector sum3 = g0.mul(4f).add(g2).mul(8 / 45f);
        FloatVector middle3 = g1.mul(16 / 45f);
        g0.intoArray(to, toAt);
        sum.add(middle).intoArray(to, toAt + toStep);
        sum.sub(middle).intoArray(to, toAt + 2 * toStep);
        sum2.add(middle2).intoArray(to, toAt + 3 * toStep);
        sum2.sub(middle2).intoArray(to, toAt + 4 * toStep);
        sum3.add(middle3).intoArray(to, toAt + 5 * toStep);
        sum3.sub(middle3).intoArray(to, toAt + 6 * toStep);
        g2.intoArray(to, toAt + 7 * toStep);
    }

    @Override
    void output(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        FloatVector s1 = load(from, at + step);
        FloatVector s2 = load(from, at + 2 * step);
        FloatVector s3 = load(from, at + 3 * step);
        FloatVector s4 = load(from, at + 4 * step);
        FloatVector s5 = load(from, at + 5 * step);
        FloatVector s6 = load(from, at + 6 * step);
        FloatVector sum = s1.add(s2);
        FloatVector sum2 = s3.add(s4);
        FloatVector sum3 = s5.add(s6);
        load(from, at).add(sum).add(sum2).add(sum3).intoArray(to, toAt);
        sum2.mul(4f).add(sum3.mul(1 / 4f)).add(sum).intoArray(to, toAt + 2 * toStep);
        sum2.mul(16f).add(sum3.mul(1 / 16f)).add(sum).intoArray(to, toAt + 4 * toStep);
        FloatVector difference = s1.sub(s2);
        FloatVector difference2 = s3.sub(s4);
        FloatVector difference3 = s5.sub(s6);
        difference2.mul(2f).add(difference3.mul(1 / 2f)).add(difference).intoArray(to, toAt + toStep);
        difference2.mul(8f).add(difference3.mul(1 / 8f)).add(difference).intoArray(to, toAt + 3 * toStep);
        difference2
                .mul(32f)
                .add(difference3.mul(1 / 32f))
                .add(difference)
                .add(load(from, at + 7 * step))
                .intoArray(to, toAt + 5 * toStep);
    }
}
