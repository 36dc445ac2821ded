package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.image.Resize;

/**
 * Numbers of an image's pixels.
 *
 * @param values {@code [height, width, channels]}
 */
record Plane(int width, int height, int channels, float[] values) {
    Plane {
        if ((long) width * height * channels != values.length) {
            throw new LotusException(
                    "found %,d values for %d×%d pixels of %d".formatted(values.length, width, height, channels));
        }
    }

    /** As torchvision resizes tensors, bilinear and antialiased, as the paper's evaluation does. */
    Plane resized(int newWidth, int newHeight) {
        return newWidth == width && newHeight == height
                ? this
                : widened(newWidth).heightened(newHeight);
    }

    private Plane widened(int to) {
        Resize resize = Resize.of(width, to, Filter.BILINEAR);
        float[] result = new float[height * to * channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < to; x++) {
                for (int tap = 0; tap < resize.taps(); tap++) {
                    float weight = resize.weights()[x * resize.taps() + tap];
                    int from = (y * width + resize.first()[x] + tap) * channels;
                    for (int c = 0; c < channels; c++) {
                        result[(y * to + x) * channels + c] += weight * values[from + c];
                    }
                }
            }
        }
        return new Plane(to, height, channels, result);
    }

    private Plane heightened(int to) {
        Resize resize = Resize.of(height, to, Filter.BILINEAR);
        int row = width * channels;
        float[] result = new float[to * row];
        for (int y = 0; y < to; y++) {
            for (int tap = 0; tap < resize.taps(); tap++) {
                float weight = resize.weights()[y * resize.taps() + tap];
                int from = (resize.first()[y] + tap) * row;
                for (int i = 0; i < row; i++) {
                    result[y * row + i] += weight * values[from + i];
                }
            }
        }
        return new Plane(width, to, channels, result);
    }

    /** A part of it. */
    Plane cropped(Area area) {
        float[] result = new float[area.width() * area.height() * channels];
        for (int y = 0; y < area.height(); y++) {
            int from = ((area.top() + y) * width + area.left()) * channels;
            System.arraycopy(values, from, result, y * area.width() * channels, area.width() * channels);
        }
        return new Plane(area.width(), area.height(), channels, result);
    }
}
