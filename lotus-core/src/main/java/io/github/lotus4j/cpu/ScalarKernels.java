package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Plain loops, shaped so that the compiler vectorises most of them by itself. */
final class ScalarKernels implements Kernels {
    private static final int PANEL = 32;
    private static final int WIDENED_AT_ONCE = 1024;
    /** Products that are summed from zero before they join the rest: sums of sums round less. */
    private static final int DEPTH_OF_SUM = 64;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public String description() {
        return "plain loops; several times faster with --add-modules jdk.incubator.vector";
    }

    @Override
    public int panelWidth() {
        return PANEL;
    }

    @Override
    public int rowTile() {
        return 4;
    }

    @Override
    public void multiply(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int depth,
            float[] c,
            int cAt,
            int cStride,
            int rows,
            boolean accumulate) {
        float[] sums = new float[PANEL];
        for (int r = 0; r < rows; r++) {
            int row = cAt + r * cStride;
            if (!accumulate) {
                Arrays.fill(c, row, row + PANEL, 0f);
            }
            for (int from = 0; from < depth; from += DEPTH_OF_SUM) {
                Arrays.fill(sums, 0f);
                int end = Math.min(depth, from + DEPTH_OF_SUM);
                for (int k = from; k < end; k++) {
                    float x = a[aAt + r * aStride + k];
                    int bRow = bAt + k * PANEL;
                    for (int j = 0; j < PANEL; j++) {
                        sums[j] += x * b[bRow + j];
                    }
                }
                for (int j = 0; j < PANEL; j++) {
                    c[row + j] += sums[j];
                }
            }
        }
    }

    @Override
    public int winogradScratch() {
        return 36;
    }

    @Override
    public void winogradInput(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch) {
        for (int c = 0; c < count; c++) {
            for (int x = 0; x < 6; x++) {
                inputLine(patch, at + c + x * pixel, row, scratch, x, 6);
            }
            for (int y = 0; y < 6; y++) {
                inputLine(scratch, 6 * y, 1, to, toAt + c + 6 * y * product, product);
            }
        }
    }

    private static void inputLine(float[] d, int at, int step, float[] to, int toAt, int toStep) {
        float even = d[at + 4 * step] - 4 * d[at + 2 * step];
        float odd = d[at + 3 * step] - 4 * d[at + step];
        float even2 = d[at + 4 * step] - d[at + 2 * step];
        float odd2 = 2 * (d[at + 3 * step] - d[at + step]);
        to[toAt] = 4 * d[at] - 5 * d[at + 2 * step] + d[at + 4 * step];
        to[toAt + toStep] = even + odd;
        to[toAt + 2 * toStep] = even - odd;
        to[toAt + 3 * toStep] = even2 + odd2;
        to[toAt + 4 * toStep] = even2 - odd2;
        to[toAt + 5 * toStep] = 4 * d[at + step] - 5 * d[at + 3 * step] + d[at + 5 * step];
    }

    @Override
    public void winogradWeights(
            float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch) {
        for (int i = 0; i < count; i++) {
            for (int x = 0; x < 3; x++) {
                weightLine(taps, at + i + x * tap, 3 * tap, scratch, x, 3);
            }
            for (int y = 0; y < 6; y++) {
                weightLine(scratch, 3 * y, 1, to, toAt + i + 6 * y * product, product);
            }
        }
    }

    private static void weightLine(float[] g, int at, int step, float[] to, int toAt, int toStep) {
        float g0 = g[at];
        float g1 = g[at + step];
        float g2 = g[at + 2 * step];
        to[toAt] = g0 / 4;
        to[toAt + toStep] = (g0 + g1 + g2) / -6;
        to[toAt + 2 * toStep] = (g0 - g1 + g2) / -6;
        to[toAt + 3 * toStep] = (g0 + 2 * g1 + 4 * g2) / 24;
        to[toAt + 4 * toStep] = (g0 - 2 * g1 + 4 * g2) / 24;
        to[toAt + 5 * toStep] = g2;
    }

    @Override
    public void winogradOutput(
            float[] products, int at, int product, float[] to, int toAt, int pixel, int count, float[] scratch) {
        for (int c = 0; c < count; c++) {
            for (int x = 0; x < 6; x++) {
                outputLine(products, at + c + x * product, 6 * product, scratch, x, 6);
            }
            for (int y = 0; y < 4; y++) {
                outputLine(scratch, 6 * y, 1, to, toAt + c + 4 * y * pixel, pixel);
            }
        }
    }

    private static void outputLine(float[] m, int at, int step, float[] to, int toAt, int toStep) {
        float sum = m[at + step] + m[at + 2 * step];
        float difference = m[at + step] - m[at + 2 * step];
        float sum2 = m[at + 3 * step] + m[at + 4 * step];
        float difference2 = m[at + 3 * step] - m[at + 4 * step];
        to[toAt] = m[at] + sum + sum2;
        to[toAt + toStep] = difference + 2 * difference2;
        to[toAt + 2 * toStep] = sum + 4 * sum2;
        to[toAt + 3 * toStep] = difference + 8 * difference2 + m[at + 5 * step];
    }

    @Override
    public void normalize(
            float[] from,
            int fromAt,
            float[] to,
            int toAt,
            int count,
            float[] mean,
            int meanAt,
            float[] scale,
            int scaleAt,
            float[] shift,
            int shiftAt) {
        for (int i = 0; i < count; i++) {
            to[toAt + i] = (from[fromAt + i] - mean[meanAt + i]) * scale[scaleAt + i] + shift[shiftAt + i];
        }
    }

    @Override
    public void normalizeRow(
            float[] from,
            int fromAt,
            float[] to,
            int toAt,
            int count,
            float mean,
            float factor,
            float[] scale,
            float[] shift) {
        for (int i = 0; i < count; i++) {
            to[toAt + i] = (from[fromAt + i] - mean) * factor * scale[i] + shift[i];
        }
    }

    @Override
    public void activate(Activation activation, float[] values, int at, int count) {
        for (int i = at; i < at + count; i++) {
            values[i] = ScalarMath.activate(activation, values[i]);
        }
    }

    @Override
    public void multiplyByGelu(float[] value, int valueAt, float[] gate, int gateAt, int count) {
        for (int i = 0; i < count; i++) {
            value[valueAt + i] *= ScalarMath.gelu(gate[gateAt + i]);
        }
    }

    @Override
    public void add(float[] to, int toAt, float[] from, int fromAt, int count) {
        for (int i = 0; i < count; i++) {
            to[toAt + i] += from[fromAt + i];
        }
    }

    @Override
    public void scale(float[] values, int at, int count, float by) {
        for (int i = at; i < at + count; i++) {
            values[i] *= by;
        }
    }

    @Override
    public float max(float[] values, int at, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + count; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
    }

    @Override
    public float exponentials(float[] values, int at, int count, float origin) {
        float sum = 0;
        for (int i = at; i < at + count; i++) {
            values[i] = ScalarMath.exp(values[i] - origin);
            sum += values[i];
        }
        return sum;
    }

    @Override
    public float sum(float[] values, int at, int count) {
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            sum += values[i];
        }
        return (float) sum;
    }

    @Override
    public float sumOfSquares(float[] values, int at, int count, float origin) {
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            double difference = values[i] - origin;
            sum += difference * difference;
        }
        return (float) sum;
    }

    @Override
    public void moments(
            float[] x, int at, int stride, int pixels, int channels, float[] origin, float[] sums, float[] squares) {
        for (int p = 0; p < pixels; p++) {
            int row = at + p * stride;
            for (int c = 0; c < channels; c++) {
                float difference = x[row + c] - origin[c];
                sums[c] += difference;
                squares[c] += difference * difference;
            }
        }
    }

    /** Through a small array, since the compiler vectorises loops over arrays, not over segments. */
    @Override
    public void widenHalf(MemorySegment source, long from, float[] to, int at, int count) {
        short[] halves = new short[Math.min(count, WIDENED_AT_ONCE)];
        for (int done = 0; done < count; done += WIDENED_AT_ONCE) {
            int part = Math.min(WIDENED_AT_ONCE, count - done);
            MemorySegment.copy(source, SHORT, from + (long) Short.BYTES * done, halves, 0, part);
            int start = at + done;
            for (int i = 0; i < part; i++) {
                to[start + i] = Float.float16ToFloat(halves[i]);
            }
        }
    }

    @Override
    public void widenBrain(MemorySegment source, long from, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = Float.intBitsToFloat(source.get(SHORT, from + 2L * i) << 16);
        }
    }
}
