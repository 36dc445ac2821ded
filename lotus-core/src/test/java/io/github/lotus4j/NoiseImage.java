package io.github.lotus4j;

import java.util.Random;

/** Images of noise, for tests and benchmarks. */
public final class NoiseImage {
    private NoiseImage() {}

    /** The same each time for the same arguments. */
    public static RgbImage of(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return RgbImage.of(width, height, rgb);
    }
}
