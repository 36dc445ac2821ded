package io.github.lotus4j.cpu;

import java.util.Arrays;

/**
 * Winograd's transforms as the matrices are written; Lavin and Gray 2016, with the points 0, 1, -1, then 2, -2, then 1/2, -1/2,
 * and infinity. The innermost loops run over channels, and the compiler vectorises them.
 */
final class ScalarWinograd implements WinogradTransforms {
    /**
     * Channels that are transformed at a time, so that what lies between the two steps stays in cache; as many as a segment of
     * {@link ScalarKernels}.
     */
    static final int CHANNELS = 64;

    private final int tile;
    private final float[][] input; // Bᵀ, n×n
    private final float[][] weights; // G, n×3
    private final float[][] output; // Aᵀ, m×n

    private ScalarWinograd(int tile, float[][] input, float[][] weights, float[][] output) {
        this.tile = tile;
        this.input = input;
        this.weights = weights;
        this.output = output;
    }

    static ScalarWinograd of(int tile) {
        return switch (tile) {
            case 2 ->
                new ScalarWinograd(
                        2,
                        new float[][] {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
                        new float[][] {{1, 0, 0}, {1 / 2f, 1 / 2f, 1 / 2f}, {1 / 2f, -1 / 2f, 1 / 2f}, {0, 0, 1}},
                        new float[][] {{1, 1, 1, 0}, {0, 1, -1, 1}});
            case 4 ->
                new ScalarWinograd(
                        4,
                        new float[][] {
                            {4, 0, -5, 0, 1, 0},
                            {0, -4, -4, 1, 1, 0},
                            {0, 4, -4, -1, 1, 0},
                            {0, -2, -1, 2, 1, 0},
                            {0, 2, -1, -2, 1, 0},
                            {0, 4, 0, -5, 0, 1}
                        },
                        new float[][] {
                            {1 / 4f, 0, 0},
                            {-1 / 6f, -1 / 6f, -1 / 6f},
                            {-1 / 6f, 1 / 6f, -1 / 6f},
                            {1 / 24f, 1 / 12f, 1 / 6f},
                            {1 / 24f, -1 / 12f, 1 / 6f},
                            {0, 0, 1}
                        },
                        new float[][] {
                            {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}
                        });
            case 6 ->
                new ScalarWinograd(
                        6,
                        new float[][] {
                            {1, 0, -21 / 4f, 0, 21 / 4f, 0, -1, 0},
                            {0, 1, 1, -17 / 4f, -17 / 4f, 1, 1, 0},
                            {0, -1, 1, 17 / 4f, -17 / 4f, -1, 1, 0},
                            {0, 1 / 2f, 1 / 4f, -5 / 2f, -5 / 4f, 2, 1, 0},
                            {0, -1 / 2f, 1 / 4f, 5 / 2f, -5 / 4f, -2, 1, 0},
                            {0, 2, 4, -5 / 2f, -5, 1 / 2f, 1, 0},
                            {0, -2, 4, 5 / 2f, -5, -1 / 2f, 1, 0},
                            {0, -1, 0, 21 / 4f, 0, -21 / 4f, 0, 1}
                        },
                        new float[][] {
                            {1, 0, 0},
                            {-2 / 9f, -2 / 9f, -2 / 9f},
                            {-2 / 9f, 2 / 9f, -2 / 9f},
                            {1 / 90f, 1 / 45f, 2 / 45f},
                            {1 / 90f, -1 / 45f, 2 / 45f},
                            {32 / 45f, 16 / 45f, 8 / 45f},
                            {32 / 45f, -16 / 45f, 8 / 45f},
                            {0, 0, 1}
                        },
                        new float[][] {
                            {1, 1, 1, 1, 1, 1, 1, 0},
                            {0, 1, -1, 2, -2, 1 / 2f, -1 / 2f, 0},
                            {0, 1, 1, 4, 4, 1 / 4f, 1 / 4f, 0},
                            {0, 1, -1, 8, -8, 1 / 8f, -1 / 8f, 0},
                            {0, 1, 1, 16, 16, 1 / 16f, 1 / 16f, 0},
                            {0, 1, -1, 32, -32, 1 / 32f, -1 / 32f, 1}
                        });
            default ->
                throw new IllegalArgumentException("F(%d×%1$d, 3×3): found %1$d, expected 2, 4 or 6".formatted(tile));
        };
    }

    @Override
    public int tile() {
        return tile;
    }

    @Override
    public void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points();
        for (int c = 0; c < count; c += CHANNELS) {
            int channels = Math.min(CHANNELS, count - c);
            for (int x = 0; x < n; x++) {
                apply(input, patch, at + c + x * pixel, row, scratch, x * channels, n * channels, channels);
            }
            for (int y = 0; y < n; y++) {
                int into = toAt + ScalarKernels.ROWS * c + y * n * product;
                apply(input, scratch, y * n * channels, channels, to, into, product, channels);
            }
        }
    }

    @Override
    public void weights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        int n = points();
        for (int c = 0; c < count; c += CHANNELS) {
            int some = Math.min(CHANNELS, count - c);
            for (int x = 0; x < 3; x++) {
                apply(weights, taps, at + c + x * tap, 3 * tap, scratch, x * some, 3 * some, some);
            }
            for (int y = 0; y < n; y++) {
                apply(weights, scratch, y * 3 * some, some, to, toAt + c + y * n * product, product, some);
            }
        }
    }

    @Override
    public void output(
            float[] sums, int at, int product, float[] to, int toAt, int row, int pixel, int count, float[] scratch) {
        int n = points();
        for (int c = 0; c < count; c += CHANNELS) {
            int channels = Math.min(CHANNELS, count - c);
            for (int x = 0; x < n; x++) {
                apply(output, sums, at + c + x * product, n * product, scratch, x * channels, n * channels, channels);
            }
            for (int y = 0; y < tile; y++) {
                apply(output, scratch, y * n * channels, channels, to, toAt + c + y * row, pixel, channels);
            }
        }
    }

    /** {@code to = matrix · from}, for {@code count} channels. */
    private static void apply(
            float[][] matrix, float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < matrix.length; i++) {
            int target = toAt + i * toStep;
            Arrays.fill(to, target, target + count, 0f);
            for (int j = 0; j < matrix[i].length; j++) {
                if (matrix[i][j] != 0) {
                    addScaled(matrix[i][j], from, at + j * step, to, target, count);
                }
            }
        }
    }

    private static void addScaled(float factor, float[] from, int at, float[] to, int toAt, int count) {
        for (int c = 0; c < count; c++) {
            to[toAt + c] += factor * from[at + c];
        }
    }
}
