package io.github.lotus4j.pipeline;

/**
 * Equal tiles that cover an axis. Each shares at least a quarter of itself with the next; all are spread evenly, so that none is
 * shorter than the others.
 *
 * @param length of the axis
 * @param size of a tile
 */
record Tiles(int length, int size, int count) {
    private static final int SHARED = 4;

    /** Places that a tile needs at least, so that it shares any. */
    static final int SMALLEST = SHARED;

    /** @param most that a tile may have; a shorter axis is one tile */
    static Tiles covering(int length, int most) {
        int size = Math.min(most, length);
        return new Tiles(length, size, 1 + Math.ceilDiv(length - size, size - size / SHARED));
    }

    int start(int tile) {
        return count == 1 ? 0 : (int) ((long) tile * (length - size) / (count - 1));
    }

    /**
     * What a tile weighs at each of its places. At every place of the axis the tiles' weights add up to 1; where only one lies, it
     * weighs exactly that.
     *
     * @param scale places for each of the axis
     */
    float[] weights(int tile, int scale) {
        float[] weights = new float[size * scale];
        for (int i = 0; i < weights.length; i++) {
            int at = start(tile) * scale + i;
            double weight = rise(tile, at, scale);
            for (int later = tile + 1; later < count && start(later) * scale <= at; later++) {
                weight *= 1 - rise(later, at, scale);
            }
            weights[i] = (float) weight;
        }
        return weights;
    }

    /** How far a tile replaces the ones before it: linearly from 0 to 1 over what it shares with the last of them. */
    private double rise(int tile, int at, int scale) {
        if (tile == 0) {
            return 1;
        }
        int begin = start(tile) * scale;
        int end = (start(tile - 1) + size) * scale;
        return Math.min(1, (at - begin + 0.5) / (end - begin));
    }
}
