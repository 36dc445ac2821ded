package io.github.lotus4j;

import java.util.Objects;

/** Depth or disparity for every pixel, in [0, 1], up to an unknown scale and shift; {@link #kind()} says which. Immutable. */
public final class DepthMap {
    private final int width;
    private final int height;
    private final float[] values;
    private final DepthKind kind;

    DepthMap(int width, int height, float[] values, DepthKind kind) {
        this.width = width;
        this.height = height;
        this.values = values;
        this.kind = kind;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public DepthKind kind() {
        return kind;
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
        return "DepthMap[%d×%d, %s]".formatted(width, height, kind);
    }
}
