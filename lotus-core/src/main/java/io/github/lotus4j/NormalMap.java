package io.github.lotus4j;

import java.util.Objects;

/**
 * A surface normal for every pixel, in the camera's frame: x to the LEFT, y UP, z TOWARD the camera; a wall that faces the
 * camera is (0, 0, 1). Immutable.
 */
public final class NormalMap {
    private final int width;
    private final int height;
    private final float[] image;
    private final float[] vectors;

    /** @param image what the network predicts, (n + 1) / 2 with n about of unit length, {@code [height, width, 3]} */
    NormalMap(int width, int height, float[] image) {
        this.width = width;
        this.height = height;
        this.image = image;
        vectors = new float[image.length];
        for (int i = 0; i < image.length; i += 3) {
            double x = 2.0 * image[i] - 1;
            double y = 2.0 * image[i + 1] - 1;
            double z = 2.0 * image[i + 2] - 1;
            double length = Math.sqrt(x * x + y * y + z * z);
            if (length > 0) {
                vectors[i] = (float) (x / length);
                vectors[i + 1] = (float) (y / length);
                vectors[i + 2] = (float) (z / length);
            } else {
                vectors[i + 2] = 1; // no direction predicted: facing the camera
            }
        }
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The unit vector (x, y, z) at column {@code x}, row {@code y}, both from 0, from the left and from the top. */
    public float[] at(int x, int y) {
        Objects.checkIndex(x, width);
        int at = 3 * (Objects.checkIndex(y, height) * width + x);
        return new float[] {vectors[at], vectors[at + 1], vectors[at + 2]};
    }

    /** A copy of all unit vectors, {@code [height, width, 3]}. */
    public float[] toArray() {
        return vectors.clone();
    }

    /** A copy of the prediction as a picture, values in [0, 1], not normalised, {@code [height, width, 3]}. */
    public float[] toImage() {
        return image.clone();
    }

    @Override
    public String toString() {
        return "NormalMap[%d×%d]".formatted(width, height);
    }
}
