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
    private final @Nullable GroupStatistics statistics; // which fill it
    private final boolean siluWithTable; // in the same pass
    private final int[] sourceRows;
    private final int[] sourceColumns;

    ViewReader(Input in, Workspace workspace) {
        this(in, workspace, workspace.kernels());
    }

    /** Temporary memory comes from the caller's frame. */
    ViewReader(Input in, Workspace workspace, Kernels kernels) {
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
            table = workspace.memory().tensor(new Shape(shape.n(), 3, 1, shape.c()));
            statistics = new GroupStatistics(workspace, first, second, norm, table);
        } else {
            table = null;
            statistics = null;
        }
        siluWithTable = table != null && activation == Activation.SILU;
    }

    /** Computes the statistics of what is in the sources now; before anything is read. */
    void begin() {
        if (statistics != null) {
            statistics.compute();
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
        int run;
        for (int i = 0; i < count; i += run) {
            run = run(x + i, x + count);
            readRun(image, row + sourceColumns[x + i], run, channel, channels, to, at + i * channels);
        }
        if (norm != null && table == null) {
            normalizeOverChannels(norm, count, channels, to, at);
        }
        if (activation != Activation.NONE && !siluWithTable) {
            kernels.activate(activation, to, at, count * channels);
        }
    }

    /** How many of the columns from {@code x} on lie side by side in the source. */
    private int run(int x, int end) {
        if (sourceColumns.length == first.shape().w()) {
            return end - x;
        }
        int next = x + 1;
        while (next < end && sourceColumns[next] == sourceColumns[next - 1] + 1) {
            next++;
        }
        return next - x;
    }

    private void readRun(int image, int pixel, int count, int channel, int channels, float[] to, int at) {
        int split = first.shape().c();
        int ofFirst = Math.clamp(split - channel, 0, channels);
        if (ofFirst > 0) {
            readPart(first, image, pixel, count, channel, channel, ofFirst, to, at, channels);
        }
        if (second != null && ofFirst < channels) {
            int from = channel + ofFirst;
            int rest = channels - ofFirst;
            readPart(second, image, pixel, count, from - split, from, rest, to, at + ofFirst, channels);
        }
    }

    /**
     * @param from first channel within the source
     * @param channel the same within the view
     * @param step floats between two pixels of {@code to}
     */
    private void readPart(
            HostTensor source,
            int image,
            int pixel,
            int pixels,
            int from,
            int channel,
            int count,
            float[] to,
            int at,
            int step) {
        float[] data = source.data();
        int start = source.at(pixel) + from;
        if (table != null) {
            int means = table.at(3 * image) + channel;
            kernels.normalize(
                    data,
                    start,
                    source.stride(),
                    to,
                    at,
                    step,
                    pixels,
                    count,
                    table.data(),
                    means,
                    shape.c(),
                    siluWithTable);
        } else if (count == source.stride() && count == step) {
            System.arraycopy(data, start, to, at, pixels * count);
        } else {
            for (int i = 0; i < pixels; i++) {
                System.arraycopy(data, start + i * source.stride(), to, at + i * step, count);
            }
        }
    }

    private void normalizeOverChannels(CpuNorm by, int pixels, int channels, float[] to, int at) {
        if (channels != shape.c()) {
            throw new IllegalArgumentException(
                    by.name() + ": found " + channels + " of " + shape.c() + " channels, expected all");
        }
        for (int i = at; i < at + pixels * channels; i += channels) {
            float mean = kernels.sum(to, i, channels) / channels;
            double variance = (double) kernels.sumOfSquares(to, i, channels, mean) / channels;
            float factor = (float) (1 / Math.sqrt(variance + by.eps()));
            kernels.normalizeRow(to, i, to, i, channels, mean, factor, by.weight(), by.bias());
        }
    }
}
