package io.github.lotus4j.cpu;

import java.util.Arrays;

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

    private GroupStatistics() {}

    /** Of every channel, over some pixels. */
    private static final class Moments {
        final double[] mean;
        /** The sum of the squared differences to the mean. */
        final double[] spread;

        Moments(int channels) {
            mean = new double[channels];
            spread = new double[channels];
        }

        /** Merges a channel's moments over {@code before} pixels with those over {@code added} others. */
        void merge(int channel, long before, double otherMean, double otherSpread, long added) {
            double delta = otherMean - mean[channel];
            double part = (double) added / (before + added);
            mean[channel] += delta * part;
            spread[channel] += otherSpread + delta * delta * part * before;
        }
    }

    /** @param table [n][mean, scale, shift][channels], filled */
    static void compute(CpuOps ops, HostTensor first, HostTensor[] sources, CpuNorm norm, HostTensor table) {
        int images = first.shape().n();
        int pixels = first.shape().h() * first.shape().w();
        int channels = norm.channels();
        int blocks = Math.ceilDiv(pixels, PIXELS_IN_BLOCK);
        Moments[] partial = new Moments[images * blocks];
        ops.parallel(images * blocks, (item, worker) -> {
            int image = item / blocks;
            int from = item % blocks * PIXELS_IN_BLOCK;
            int count = Math.min(PIXELS_IN_BLOCK, pixels - from);
            Moments moments = new Moments(channels);
            int channel = 0;
            for (HostTensor source : sources) {
                gather(ops.kernels(), source, image * pixels + from, count, moments, channel);
                channel += source.shape().c();
            }
            partial[item] = moments;
        });
        ops.parallel(images, (image, worker) -> {
            Moments moments = partial[image * blocks];
            for (int block = 1; block < blocks; block++) {
                Moments other = partial[image * blocks + block];
                long before = (long) block * PIXELS_IN_BLOCK;
                long more = Math.min(PIXELS_IN_BLOCK, pixels - before);
                for (int c = 0; c < channels; c++) {
                    moments.merge(c, before, other.mean[c], other.spread[c], more);
                }
            }
            fill(table, image, moments, pixels, norm);
        });
    }

    /** @param channel of the norm, the first of the source's */
    private static void gather(
            Kernels kernels, HostTensor source, int firstPixel, int count, Moments moments, int channel) {
        int width = source.shape().c();
        float[] origin = new float[width];
        float[] differences = new float[width];
        float[] squares = new float[width];
        int few = Math.min(PIXELS_IN_SUM, count);
        kernels.moments(
                source.data(), source.at(firstPixel), source.stride(), few, width, origin, differences, squares);
        for (int c = 0; c < width; c++) {
            origin[c] = differences[c] / few;
        }
        for (int done = 0; done < count; done += PIXELS_IN_SUM) {
            Arrays.fill(differences, 0f);
            Arrays.fill(squares, 0f);
            int at = source.at(firstPixel + done);
            int pixels = Math.min(PIXELS_IN_SUM, count - done);
            kernels.moments(source.data(), at, source.stride(), pixels, width, origin, differences, squares);
            for (int c = 0; c < width; c++) {
                moments.mean[channel + c] += differences[c];
                moments.spread[channel + c] += squares[c];
            }
        }
        for (int c = 0; c < width; c++) { // so far sums of differences to the origin, and of their squares
            double difference = moments.mean[channel + c] / count;
            moments.spread[channel + c] -= difference * moments.mean[channel + c];
            moments.mean[channel + c] = origin[c] + difference;
        }
    }

    private static void fill(HostTensor table, int image, Moments moments, int pixels, CpuNorm norm) {
        int channels = norm.channels();
        int size = channels / norm.groups();
        for (int group = 0; group < norm.groups(); group++) {
            int from = group * size;
            double mean =
                    Arrays.stream(moments.mean, from, from + size).average().orElseThrow();
            double squares = 0;
            for (int c = from; c < from + size; c++) {
                double between = moments.mean[c] - mean;
                squares += moments.spread[c] + pixels * between * between;
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
}
