package io.github.lotus4j.ops;

/**
 * The extent of an activation, channels last: {@code n} images of {@code h} rows, {@code w} columns, {@code c} channels.
 *
 * <p>A sequence of tokens is a shape with {@code h · w} tokens; a vector is {@code [1, 1, 1, c]}.
 */
public record Shape(int n, int h, int w, int c) {
    public Shape {
        if (n < 1 || h < 1 || w < 1 || c < 1) {
            throw new IllegalArgumentException("shape [%d, %d, %d, %d] has an empty side".formatted(n, h, w, c));
        }
        if ((long) n * h > Integer.MAX_VALUE / w) {
            throw new IllegalArgumentException("shape [%d, %d, %d, %d] has too many pixels".formatted(n, h, w, c));
        }
    }

    public static Shape vector(int c) {
        return new Shape(1, 1, 1, c);
    }

    /** Number of pixels (or tokens) over the whole batch. */
    public int pixels() {
        return n * h * w;
    }

    public long elements() {
        return (long) pixels() * c;
    }

    public Shape withChannels(int channels) {
        return new Shape(n, h, w, channels);
    }

    public Shape withSize(int height, int width) {
        return new Shape(n, height, width, c);
    }

    @Override
    public String toString() {
        return "[" + n + ", " + h + ", " + w + ", " + c + "]";
    }
}
