package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads an {@link Input} pixel by pixel: both halves of a concatenation, resized, normalised, activated. */
final class ViewReader {
    private final Kernels kernels;
    private final HostTensor first;
    private final @Nullable HostTensor second;
    private final Shape shape;
    private final Activation activation;
    private final @Nullable CpuNorm norm;
    private final @Nullable HostTensor table; // [n][mean, scale, shift][channels] of a group normalisation
    private final int[] sourceRows;
    private final int[] sourceColumns;

    ViewReader(Input in, CpuOps ops) {
        this(in, ops, ops.kernels());
    }

    /** Computes the statistics that the view needs; temporary memory comes from the caller's frame. */
    ViewReader(Input in, CpuOps ops, Kernels kernels) {
        this.kernels = kernels;
        first = HostTensor.of(in.first());
        second = in.second() == null ? null : HostTensor.of(in.second());
        shape = in.shape();
        activation = in.activation();
        Norm through = in.norm();
        norm = through == null ? null : PreparedWeights.own(through, CpuNorm.class);
        sourceRows = nearest(first.shape().h(), shape.h());
        sourceColumns = nearest(first.shape().w(), shape.w());
        if (norm != null && norm.overGroups()) {
            table = ops.memory().tensor(new Shape(shape.n(), 3, 1, shape.c()));
            HostTensor[] sources = second == null ? new HostTensor[] {first} : new HostTensor[] {first, second};
            GroupStatistics.compute(ops, first, sources, norm, table);
        } else {
            table = null;
        }
    }

    private static int[] nearest(int source, int size) {
        int[] from = new int[size];
        for (int i = 0; i < size; i++) {
            from[i] = (int) ((long) i * source / size);
        }
        return from;
    }

    Shape shape() {
        return shape;
    }

    /** Writes the channels of {@code count} pixels of one row of the view, one after the other. */
    void read(int image, int y, int x, int count, float[] to, int at) {
        read(image, y, x, count, 0, shape.c(), to, at);
    }

    /** The same of a row that may begin, end or lie outside the view: there, zeros. */
    void readPadded(int image, int y, int x, int count, int channel, int channels, float[] to, int at) {
        boolean inside = y >= 0 && y < shape.h();
        int begin = inside ? Math.clamp(-x, 0, count) : count;
        int end = inside ? Math.clamp(shape.w() - x, begin, count) : count;
        Arrays.fill(to, at, at + begin * channels, 0f);
        if (begin < end) {
            read(image, y, x + begin, end - begin, channel, channels, to, at + begin * channels);
        }
        Arrays.fill(to, at + end * channels, at + count * channels, 0f);
    }

    /** Writes {@code channels} channels, from {@code channel} on; all of them where the view is normalised over them. */
    void read(int image, int y, int x, int count, int channel, int channels, float[] to, int at) {
        int row = (image * first.shape().h() + sourceRows[y]) * first.shape().w();
        for (int i = 0; i < count; i++) {
            readPixel(image, row + sourceColumns[x + i], channel, channels, to, at + i * channels);
        }
        if (activation != Activation.NONE) {
            kernels.activate(activation, to, at, count * channels);
        }
    }

    private void readPixel(int image, int pixel, int channel, int channels, float[] to, int at) {
        int split = first.shape().c();
        int ofFirst = Math.clamp(split - channel, 0, channels);
        if (ofFirst > 0) {
            readPart(first, image, pixel, channel, channel, ofFirst, to, at);
        }
        if (second != null && ofFirst < channels) {
            int from = channel + ofFirst;
            readPart(second, image, pixel, from - split, from, channels - ofFirst, to, at + ofFirst);
        }
        if (norm != null && table == null) {
            if (channels != shape.c()) {
                throw new IllegalArgumentException(
                        norm.name() + ": found " + channels + " of " + shape.c() + " channels, expected all");
            }
            float mean = kernels.sum(to, at, channels) / channels;
            double variance = (double) kernels.sumOfSquares(to, at, channels, mean) / channels;
            float factor = (float) (1 / Math.sqrt(variance + norm.eps()));
            kernels.normalizeRow(to, at, to, at, channels, mean, factor, norm.weight(), norm.bias());
        }
    }

    /**
     * @param from first channel within the source
     * @param channel the same within the view
     */
    private void readPart(
            HostTensor source, int image, int pixel, int from, int channel, int count, float[] to, int at) {
        if (table == null) {
            System.arraycopy(source.data(), source.at(pixel) + from, to, at, count);
            return;
        }
        float[] data = table.data();
        int mean = table.at(3 * image) + channel;
        int scale = mean + shape.c();
        int shift = scale + shape.c();
        kernels.normalize(source.data(), source.at(pixel) + from, to, at, count, data, mean, data, scale, data, shift);
    }
}
