package io.github.lotus4j;

import java.util.Objects;

/**
 * How far the predictions of an ensemble differ, for every pixel: where it is large, the model is unsure. At least 0, and as large as
 * the map's own:
 *
 * <ul>
 *   <li>of a {@link DepthMap}, the median absolute deviation of the aligned predictions from their median, in the units of the map;
 *   <li>of a {@link NormalMap}, the mean angle between the predicted directions and their mean, in degrees, 0 to 180.
 * </ul>
 *
 * <p>It is no error: where all predictions are wrong alike, it is small. Immutable.
 */
public final class SpreadMap {
    private final int width;
    private final int height;
    private final float[] values;

    SpreadMap(int width, int height, float[] values) {
        this.width = width;
        this.height = height;
        this.values = values;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The value at column {@code x}, row {@code y}, both from 0, from the left and from the top. */
    public float at(int x, int y) {
        Objects.checkIndex(x, width);
        return values[Objects.checkIndex(y, height) * width + x];
    }

    /** A copy of all values, row by row from the top, {@code [height, width]}. */
    public float[] toArray() {
        return values.clone();
    }

    @Override
    public String toString() {
        return "SpreadMap[%d×%d]".formatted(width, height);
    }
}
