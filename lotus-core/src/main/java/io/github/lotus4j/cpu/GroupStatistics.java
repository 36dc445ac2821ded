package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a group normalisation, per image and channel as {@code y = (x - mean) · scale + shift}.
 *
 * <p>One pass over blocks of pixels. In each, differences to a value near the block's mean are summed, over a few pixels in single
 * precision, then in double; blocks are merged in double. Chan, Golub and LeVeque 1979. So neither a mean that is large beside
 * the spread nor a single pixel far away costs accuracy. Blocks are of fixed size: the result does not depend on the number of
 * threads.
 */
final class GroupStatistics {
    private static final int PIXELS_IN_BLOCK = 2048;
    /** So few that their single-precision sum is good to a few units in the last place. */
    private static final int PIXELS_IN_SUM = 64;

    private final Workspace workspace;
    private final Kernels kernels;
    private final HostTensor first;
    private final @Nullable HostTensor second;
    private final CpuNorm norm;
    private final HostTensor table;
    private final int images;
    private final int pixels; // of an image
    private final int channels;
    private final int blocks; // of an image
    private final HostTensor sums; // [worker][origin, differences, squares][channel]
    /** {@code [image][block][mean, sum of squared differences to it][channel]}, while this computes. */
    private double[] moments = {};

    private final WorkerTeam.Task gather = this::gather;
    private final WorkerTeam.Task fill = this::fill;

    /**
     * Temporary memory comes from the caller's frame.
     *
     * @param second beside {@code first} on the channels, if there is one
     * @param table [n][mean, scale, shift][channels], filled by {@link #compute}
     */
    GroupStatistics(
            Workspace workspace, HostTensor first, @Nullable HostTensor second, CpuNorm norm, HostTensor table) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        this.first = first;
        this.second = second;
        this.norm = norm;
        this.table = table;
        images = first.shape().n();
        pixels = first.shape().h() * first.shape().w();
        channels = norm.channels();
        blocks = Math.ceilDiv(pixels, PIXELS_IN_BLOCK);
        sums = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), 3 * channels));
    }

    void compute() {
        moments = workspace.moments(Math.multiplyExact(images * blocks, 2 * channels));
        workspace.parallel(images * blocks, gather);
        workspace.parallel(images, fill);
    }

    private int meansAt(int imageAndBlock) {
        return imageAndBlock * 2 * channels;
    }

    private int pixelsOf(int block) {
        return Math.min(PIXELS_IN_BLOCK, pixels - block * PIXELS_IN_BLOCK);
    }

    private void gather(int item, int worker) {
        int block = item % blocks;
        int from = item / blocks * pixels + block * PIXELS_IN_BLOCK;
        int means = meansAt(item);
        gather(first, from, pixelsOf(block), means, worker);
        if (second != null) {
            gather(second, from, pixelsOf(block), means + first.shape().c(), worker);
        }
    }

    /** @param means where those of the source's channels go */
    private void gather(HostTensor source, int firstPixel, int count, int means, int worker) {
        int width = source.shape().c();
        int spreads = means + channels;
        float[] data = sums.data();
        int origin = sums.at(worker);
        int differences = origin + channels;
        int squares = differences + channels;
        int few = Math.min(PIXELS_IN_SUM, count);
        Arrays.fill(data, origin, origin + 3 * channels, 0f);
        kernels.moments(
                source.data(), source.at(firstPixel), source.stride(), few, width, data, origin, differences, squares);
        for (int c = 0; c < width; c++) {
            data[origin + c] = data[differences + c] / few;
        }
        Arrays.fill(moments, means, means + width, 0);
        Arrays.fill(moments, spreads, spreads + width, 0);
        for (int done = 0; done < count; done += PIXELS_IN_SUM) {
            Arrays.fill(data, differences, differences + 2 * channels, 0f);
            int at = source.at(firstPixel + done);
            int some = Math.min(PIXELS_IN_SUM, count - done);
            kernels.moments(source.data(), at, source.stride(), some, width, data, origin, differences, squares);
            for (int c = 0; c < width; c++) {
                moments[means + c] += data[differences + c];
                moments[spreads + c] += data[squares + c];
            }
        }
        for (int c = 0; c < width; c++) { // so far sums of differences to the origin, and of their squares
            double difference = moments[means + c] / count;
            moments[spreads + c] -= difference * moments[means + c];
            moments[means + c] = data[origin + c] + difference;
        }
    }

    /** Merges the blocks of an image, and writes its part of the table. */
    private void fill(int image, int worker) {
        int means = meansAt(image * blocks);
        for (int block = 1; block < blocks; block++) {
            merge(means, (long) block * PIXELS_IN_BLOCK, meansAt(image * blocks + block), pixelsOf(block));
        }
        int size = channels / norm.groups();
        for (int group = 0; group < norm.groups(); group++) {
            fill(image, group * size, size, means);
        }
    }

    /** Merges the moments over {@code before} pixels with those over {@code added} others. */
    private void merge(int means, long before, int others, int added) {
        double part = (double) added / (before + added);
        for (int c = 0; c < channels; c++) {
            double delta = moments[others + c] - moments[means + c];
            moments[means + c] += delta * part;
            moments[means + channels + c] += moments[others + channels + c] + delta * delta * part * before;
        }
    }

    /** A group, of the channels from {@code from} on. */
    private void fill(int image, int from, int size, int means) {
        double sum = 0;
        for (int c = from; c < from + size; c++) {
            sum += moments[means + c];
        }
        double mean = sum / size;
        double squares = 0;
        for (int c = from; c < from + size; c++) {
            double between = moments[means + c] - mean;
            squares += moments[means + channels + c] + pixels * between * between;
        }
        double factor = 1 / Math.sqrt(squares / ((double) size * pixels) + norm.eps());
        float rounded = (float) mean;
        float[] data = table.data();
        int at = table.at(3 * image);
        for (int c = from; c < from + size; c++) {
            double scale = norm.weight()[c] * factor;
            data[at + c] = rounded;
            data[at + channels + c] = (float) scale;
            data[at + 2 * channels + c] = (float) (norm.bias()[c] + (rounded - mean) * scale);
        }
    }
}
