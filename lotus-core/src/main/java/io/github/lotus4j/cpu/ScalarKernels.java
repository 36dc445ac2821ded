package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Plain loops, shaped so that the compiler vectorises most of them by itself. */
final class ScalarKernels implements Kernels {
    private static final int PANEL = 32;
    /** Of a panel of rows. */
    static final int ROWS = 6;
    /** Of a row, whose products are summed from zero before they join the rest: sums of sums round less. */
    private static final int SEGMENT = ScalarWinograd.CHANNELS;

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
    public int panelRows() {
        return ROWS;
    }

    @Override
    public int segment() {
        return SEGMENT;
    }

    @Override
    public void pack(float[] from, int at, int count, float[] to, int toAt) {
        for (int i = 0, into = toAt; i < count; i += SEGMENT, into += ROWS * SEGMENT) {
            System.arraycopy(from, at + i, to, into, Math.min(SEGMENT, count - i));
        }
    }

    @Override
    public void multiply(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int depth,
            float[] offsets,
            int offsetsAt,
            float[] before,
            int beforeAt,
            int beforeStride,
            float[] c,
            int cAt,
            int cStride,
            int rows) {
        DepthBlocks.requireBlock(depth);
        float[] sums = new float[PANEL];
        for (int r = 0; r < rows; r++) {
            int segment = aAt + ofRow(r, aStride);
            int row = cAt + r * cStride;
            add(before, beforeAt + r * beforeStride, offsets, offsetsAt, c, row, PANEL);
            for (int from = 0; from < depth; from += SEGMENT, segment += ROWS * SEGMENT) {
                Arrays.fill(sums, 0f);
                int count = Math.min(depth - from, SEGMENT);
                for (int k = 0; k < count; k++) {
                    float factor = a[segment + k];
                    int bRow = bAt + (from + k) * PANEL;
                    for (int j = 0; j < PANEL; j++) {
                        sums[j] += factor * b[bRow + j];
                    }
                }
                for (int j = 0; j < PANEL; j++) {
                    c[row + j] += sums[j];
                }
            }
        }
    }

    @Override
    public WinogradTransforms winograd(int tile) {
        return ScalarWinograd.of(tile);
    }

    @Override
    public void normalize(
            float[] from,
            int fromAt,
            int step,
            float[] to,
            int toAt,
            int toStep,
            int pixels,
            int channels,
            float[] table,
            int tableAt,
            int channelsOfTable,
            boolean silu) {
        int scale = tableAt + channelsOfTable;
        int shift = scale + channelsOfTable;
        for (int p = 0; p < pixels; p++) {
            int x = fromAt + p * step;
            int y = toAt + p * toStep;
            for (int c = 0; c < channels; c++) {
                to[y + c] = (from[x + c] - table[tableAt + c]) * table[scale + c] + table[shift + c];
            }
            if (silu) {
                activate(Activation.SILU, to, y, channels);
            }
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
    public void geglu(
            float[] sums,
            int valuesAt,
            int gatesAt,
            int sumStep,
            float[] to,
            int toAt,
            int step,
            int pixels,
            int outputs) {
        for (int p = 0; p < pixels; p++) {
            for (int i = 0; i < outputs; i++) {
                float gate = sums[gatesAt + p * sumStep + i];
                to[toAt + p * step + i] = sums[valuesAt + p * sumStep + i] * ScalarMath.gelu(gate);
            }
        }
    }

    @Override
    public void finish(
            float[] sums,
            int sumsAt,
            int sumStep,
            float @Nullable [] added,
            int addedAt,
            int addedStep,
            float[] to,
            int toAt,
            int step,
            int pixels,
            int outputs) {
        for (int p = 0; p < pixels; p++) {
            int from = sumsAt + p * sumStep;
            if (added == null) {
                System.arraycopy(sums, from, to, toAt + p * step, outputs);
            } else {
                add(sums, from, added, addedAt + p * addedStep, to, toAt + p * step, outputs);
            }
        }
    }

    @Override
    public void add(float[] a, int aAt, float[] b, int bAt, float[] to, int toAt, int count) {
        for (int i = 0; i < count; i++) {
            to[toAt + i] = a[aAt + i] + b[bAt + i];
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
    public void exponentials(
            float[] values, int at, int count, float origin, float[] to, int toAt, float[] sums, int sumsAt) {
        for (int i = 0, into = toAt; i < count; i += SEGMENT, into += ROWS * SEGMENT) {
            int some = Math.min(SEGMENT, count - i);
            for (int j = 0; j < some; j++) {
                float exponential = ScalarMath.exp(values[at + i + j] - origin);
                to[into + j] = exponential;
                sums[sumsAt + j] += exponential;
            }
        }
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
            float[] x,
            int at,
            int stride,
            int pixels,
            int channels,
            float[] results,
            int origin,
            int sums,
            int squares) {
        for (int p = 0; p < pixels; p++) {
            int row = at + p * stride;
            for (int c = 0; c < channels; c++) {
                float difference = x[row + c] - results[origin + c];
                results[sums + c] += difference;
                results[squares + c] += difference * difference;
            }
        }
    }

    /** Through a small array, since the compiler vectorises loops over arrays, not over segments. */
    @Override
    public void widenHalf(MemorySegment source, long from, float[] to, int at, int count, short[] halves) {
        for (int done = 0; done < count; done += halves.length) {
            int part = Math.min(halves.length, count - done);
            MemorySegment.copy(source, SHORT, from + (long) Short.BYTES * done, halves, 0, part);
            widen(halves, to, at + done, part);
        }
    }

    private static void widen(short[] halves, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = Float.float16ToFloat(halves[i]);
        }
    }

    @Override
    public void widenBrain(MemorySegment source, long from, float[] to, int at, int count, short[] halves) {
        for (int done = 0; done < count; done += halves.length) {
            int part = Math.min(halves.length, count - done);
            MemorySegment.copy(source, SHORT, from + (long) Short.BYTES * done, halves, 0, part);
            for (int i = 0; i < part; i++) {
                to[at + done + i] = Float.intBitsToFloat(halves[i] << 16);
            }
        }
    }
}
