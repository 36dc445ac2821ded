package io.github.lotus4j.cpu;

import java.util.Arrays;

/**
 * The statistics of a group normalisation, per image and channel as {@code y = (x - mean) · scale + shift}.
 *
 * <p>One pass: sums of the differences to each channel's first value, in single precision over a few pixels, then in double;
 * so a mean that is large beside the deviation costs no accuracy. Blocks are of fixed size: the result does not depend on
 * the number of threads.
 */
final class GroupStatistics {
    private static final int PIXELS_IN_BLOCK = 2048;
    /** So few that their single-precision sum is good to a few units in the last place. */
    private static final int PIXELS_IN_SUM = 64;

    private GroupStatistics() {}

    /** @param table [n][mean, scale, shift][channels], filled */
    static void compute(CpuOps ops, HostTensor first, HostTensor[] sources, CpuNorm norm, HostTensor table) {
        int images = first.shape().n();
        int pixels = first.shape().h() * first.shape().w();
        int channels = norm.channels();
        int blocks = (pixels + PIXELS_IN_BLOCK - 1) / PIXELS_IN_BLOCK;
        double[][] partial = new double[images * blocks][];
        ops.parallel(images * blocks, (item, worker) -> {
            int image = item / blocks;
            int from = item % blocks * PIXELS_IN_BLOCK;
            int count = Math.min(PIXELS_IN_BLOCK, pixels - from);
            double[] sums = new double[2 * channels];
            int channel = 0;
            for (HostTensor source : sources) {
                sum(ops.kernels(), source, image * pixels, from, count, sums, channel, channels);
                channel += source.shape().c();
            }
            partial[item] = sums;
        });
        ops.parallel(images, (image, worker) -> {
            double[] sums = new double[2 * channels];
            for (int block = 0; block < blocks; block++) {
                double[] more = partial[image * blocks + block];
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += more[i];
                }
            }
            finish(sums, sources, image, pixels, norm, table);
        });
    }

    private static void sum(
            Kernels kernels,
            HostTensor source,
            int firstPixel,
            int from,
            int count,
            double[] sums,
            int channel,
            int channels) {
        int width = source.shape().c();
        float[] origin = Arrays.copyOfRange(source.data(), source.at(firstPixel), source.at(firstPixel) + width);
        float[] differences = new float[width];
        float[] squares = new float[width];
        for (int done = 0; done < count; done += PIXELS_IN_SUM) {
            Arrays.fill(differences, 0f);
            Arrays.fill(squares, 0f);
            int at = source.at(firstPixel + from + done);
            int pixels = Math.min(PIXELS_IN_SUM, count - done);
            kernels.moments(source.data(), at, source.stride(), pixels, width, origin, differences, squares);
            for (int c = 0; c < width; c++) {
                sums[channel + c] += differences[c];
                sums[channels + channel + c] += squares[c];
            }
        }
    }

    private static void finish(
            double[] sums, HostTensor[] sources, int image, int pixels, CpuNorm norm, HostTensor table) {
        int channels = norm.channels();
        double[] means = new double[channels];
        int channel = 0;
        for (HostTensor source : sources) {
            for (int c = 0; c < source.shape().c(); c++, channel++) {
                means[channel] = source.data()[source.at(image * pixels) + c] + sums[channel] / pixels;
            }
        }
        int size = channels / norm.groups();
        for (int group = 0; group < norm.groups(); group++) {
            int from = group * size;
            double mean = Arrays.stream(means, from, from + size).average().orElseThrow();
            double squares = 0;
            for (int c = from; c < from + size; c++) {
                double within = sums[channels + c] - sums[c] * sums[c] / pixels;
                double between = means[c] - mean;
                squares += within + pixels * between * between;
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
