package io.github.lotus4j.pipeline;

import io.github.lotus4j.image.Filter;
import io.github.lotus4j.image.Resize;
import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.Arrays;

/**
 * A batch of images on its way to the size that it is processed at, whole or in parts.
 *
 * @param samples red, green, blue, unsigned, {@code shape} in shape; none when measuring
 */
record SourceImage(byte[] samples, Shape shape, Axis vertical, Axis horizontal) {
    static SourceImage of(byte[] samples, Shape shape, Shape size, Filter filter) {
        return new SourceImage(samples, shape, axis(shape.h(), size.h(), filter), axis(shape.w(), size.w(), filter));
    }

    static Axis axis(int from, int to, Filter filter) {
        if (from == to) {
            return Axis.same(to);
        }
        Resize resize = Resize.of(from, to, filter);
        return new Axis(from, to, resize.taps(), resize.first(), resize.weights());
    }

    void upload(Tensor rgb, Ops ops) {
        ops.uploadImages(rgb, samples, vertical, horizontal);
        ops.computed("rgb_resized", rgb);
    }

    /** Uploads the part of the resized images that begins there and has the shape of {@code rgb}. */
    void upload(Tensor rgb, int top, int left, Ops ops) {
        Part rows = Part.of(vertical, top, top + rgb.shape().h());
        Part columns = Part.of(horizontal, left, left + rgb.shape().w());
        byte[] part = ops.measures() ? samples : samples(rows, columns);
        ops.uploadImages(rgb, part, rows.axis, columns.axis);
        ops.computed("rgb_resized", rgb);
    }

    private byte[] samples(Part rows, Part columns) {
        int height = rows.axis.from();
        int length = columns.axis.from() * shape.c();
        byte[] part = new byte[Math.multiplyExact(shape.n() * height, length)];
        for (int row = 0; row < shape.n() * height; row++) {
            int y = row / height * shape.h() + rows.offset + row % height;
            System.arraycopy(samples, (y * shape.w() + columns.offset) * shape.c(), part, row * length, length);
        }
        return part;
    }

    /**
     * What some results of an axis are made of.
     *
     * @param offset of the first source pixel that the axis reads
     */
    private record Part(int offset, Axis axis) {
        static Part of(Axis whole, int begin, int end) {
            if (whole.same()) {
                return new Part(begin, Axis.same(end - begin));
            }
            int taps = whole.taps();
            int[] first = Arrays.copyOfRange(whole.first(), begin, end);
            int from = Arrays.stream(first).min().orElseThrow();
            int to = Arrays.stream(first).max().orElseThrow() + taps;
            Arrays.setAll(first, i -> first[i] - from);
            float[] weights = Arrays.copyOfRange(whole.weights(), begin * taps, end * taps);
            return new Part(from, new Axis(to - from, end - begin, taps, first, weights));
        }
    }
}
