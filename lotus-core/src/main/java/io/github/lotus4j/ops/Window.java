package io.github.lotus4j.ops;

/** Geometry of a convolution with a square kernel: zero padding on each side in pixels, one stride for both directions. */
public record Window(int kernel, int stride, int top, int left, int bottom, int right) {
    public static final Window POINT = new Window(1, 1, 0, 0, 0, 0);
    /** 3×3, output as large as the input. */
    public static final Window SAME_3X3 = new Window(3, 1, 1, 1, 1, 1);

    public static Window padded(int kernel, int stride, int padding) {
        return new Window(kernel, stride, padding, padding, padding, padding);
    }

    public int outHeight(int height) {
        return (height + top + bottom - kernel) / stride + 1;
    }

    public int outWidth(int width) {
        return (width + left + right - kernel) / stride + 1;
    }
}
