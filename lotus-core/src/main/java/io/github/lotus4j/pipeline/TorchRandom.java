package io.github.lotus4j.pipeline;

/**
 * Normal variates as torch's CPU generator draws them: mt19937 (Matsumoto and Nishimura 1998) under a Box-Muller transform
 * that works on blocks of sixteen. Not thread-safe.
 */
public final class TorchRandom {
    private static final int N = 624;
    private static final int M = 397;
    private static final int BLOCK = 16;

    private final int[] state = new int[N];
    private int index = N;
    private double cached = Double.NaN;

    /** @param seed only its low 32 bits count */
    public TorchRandom(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** {@code count} draws from the standard normal distribution. */
    public float[] randn(int count) {
        float[] values = new float[count];
        if (count < BLOCK) {
            for (int i = 0; i < count; i++) {
                values[i] = (float) single();
            }
            return values;
        }
        for (int i = 0; i < count; i++) {
            values[i] = uniform();
        }
        for (int i = 0; i + BLOCK <= count; i += BLOCK) {
            transform(values, i);
        }
        if (count % BLOCK != 0) {
            int last = count - BLOCK;
            for (int i = last; i < count; i++) {
                values[i] = uniform();
            }
            transform(values, last);
        }
        return values;
    }

    private static void transform(float[] values, int at) {
        for (int j = at; j < at + BLOCK / 2; j++) {
            float radius = (float) Math.sqrt(-2f * (float) Math.log(1f - values[j]));
            float angle = (float) (2 * Math.PI) * values[j + BLOCK / 2];
            values[j] = radius * (float) Math.cos(angle);
            values[j + BLOCK / 2] = radius * (float) Math.sin(angle);
        }
    }

    private double single() {
        if (!Double.isNaN(cached)) {
            double value = cached;
            cached = Double.NaN;
            return value;
        }
        double u1 = uniformDouble();
        double u2 = uniformDouble();
        double radius = Math.sqrt(-2 * Math.log1p(-u2));
        double angle = 2 * Math.PI * u1;
        cached = radius * Math.sin(angle);
        return radius * Math.cos(angle);
    }

    private float uniform() {
        return (next() & 0xffffff) * 0x1p-24f;
    }

    private double uniformDouble() {
        long high = Integer.toUnsignedLong(next());
        long bits = high << 32 | Integer.toUnsignedLong(next());
        return (bits & ((1L << 53) - 1)) * 0x1p-53;
    }

    private int next() {
        if (index == N) {
            for (int i = 0; i < N; i++) {
                int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
                state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) * 0x9908b0df);
            }
            index = 0;
        }
        int y = state[index++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }
}
