package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;

/** A rectangle of an image, in pixels from the left and from the top. */
record Area(int left, int top, int width, int height) {
    private static final int CHANNELS = 3;

    boolean contains(int x, int y) {
        return x >= left && x < left + width && y >= top && y < top + height;
    }

    /** Whether an image of that size has all of it. */
    boolean isInside(int wholeWidth, int wholeHeight) {
        return left >= 0
                && top >= 0
                && width >= 1
                && height >= 1
                && left <= wholeWidth - width
                && top <= wholeHeight - height;
    }

    /** That part of an image. */
    RgbImage of(RgbImage image) {
        byte[] from = image.toArray();
        byte[] to = new byte[width * height * CHANNELS];
        for (int y = 0; y < height; y++) {
            int at = ((top + y) * image.width() + left) * CHANNELS;
            System.arraycopy(from, at, to, y * width * CHANNELS, width * CHANNELS);
        }
        return RgbImage.of(width, height, to);
    }

    /** The image in this place of a black one. */
    RgbImage within(RgbImage image, int wholeWidth, int wholeHeight) {
        byte[] from = image.toArray();
        byte[] to = new byte[wholeWidth * wholeHeight * CHANNELS];
        for (int y = 0; y < height; y++) {
            int at = ((top + y) * wholeWidth + left) * CHANNELS;
            System.arraycopy(from, y * width * CHANNELS, to, at, width * CHANNELS);
        }
        return RgbImage.of(wholeWidth, wholeHeight, to);
    }
}
