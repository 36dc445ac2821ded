package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Kernels in the Vector API, for vectors of {@link VectorWidth#bits()}. */
final class VectorKernels implements Kernels {
    static final VectorSpecies<Float> SPECIES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.bits()));
    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
    private static final int LANES = SPECIES.length();
    static final ScalarKernels TAIL = new ScalarKernels();
    private static final WinogradTransforms WINOGRAD_2 = new VectorWinograd2();
    private static final WinogradTransforms WINOGRAD_4 = new VectorWinograd4();
    private static final WinogradTransforms WINOGRAD_6 = new VectorWinograd6();

    @Override
    public String description() {
        return "Vector API, " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public int panelWidth() {
        return VectorTiles.PANEL;
    }

    @Override
    public int panelRows() {
        return VectorTiles.ROWS;
    }

    @Override
    public int segment() {
        return LANES;
    }

    @Override
    public void pack(float[] from, int at, int count, float[] to, int toAt) {
        int end = SPECIES.loopBound(count);
        for (int i = 0, into = toAt; i < end; i += LANES, into += VectorTiles.ROWS * LANES) {
            FloatVector.fromArray(SPECIES, from, at + i).intoArray(to, into);
        }
        TAIL.pack(from, at + end, count - end, to, toAt + VectorTiles.ROWS * end);
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
        VectorTiles.multiply(
                a,
                aAt,
                aStride,
                b,
                bAt,
                depth,
                offsets,
                offsetsAt,
                before,
                beforeAt,
                beforeStride,
                c,
                cAt,
                cStride,
                rows);
    }

    @Override
    public WinogradTransforms winograd(int tile) {
        return switch (tile) {
            case 2 -> WINOGRAD_2;
            case 4 -> WINOGRAD_4;
            case 6 -> WINOGRAD_6;
            default -> throw new IllegalArgumentException("tile: found " + tile + ", expected 2, 4 or 6");
        };
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
        int end = SPECIES.loopBound(channels);
        for (int c = 0; c < end; c += LANES) {
            FloatVector mean = FloatVector.fromArray(SPECIES, table, tableAt + c);
            FloatVector scale = FloatVector.fromArray(SPECIES, table, tableAt + channelsOfTable + c);
            FloatVector shift = FloatVector.fromArray(SPECIES, table, tableAt + 2 * channelsOfTable + c);
            if (silu) {
                for (int p = 0, x = fromAt + c, y = toAt + c; p < pixels; p++, x += step, y += toStep) {
                    FloatVector value =
                            FloatVector.fromArray(SPECIES, from, x).sub(mean).fma(scale, shift);
                    value.div(VectorMath.exp(value.neg()).add(1f)).intoArray(to, y);
                }
            } else {
                for (int p = 0, x = fromAt + c, y = toAt + c; p < pixels; p++, x += step, y += toStep) {
                    FloatVector.fromArray(SPECIES, from, x)
                            .sub(mean)
                            .fma(scale, shift)
                            .intoArray(to, y);
                }
            }
        }
        if (end < channels) {
            TAIL.normalize(
                    from,
                    fromAt + end,
                    step,
                    to,
                    toAt + end,
                    toStep,
                    pixels,
                    channels - end,
                    table,
                    tableAt + end,
                    channelsOfTable,
                    silu);
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
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            FloatVector x =
                    FloatVector.fromArray(SPECIES, from, fromAt + i).sub(mean).mul(factor);
            x.fma(FloatVector.fromArray(SPECIES, scale, i), FloatVector.fromArray(SPECIES, shift, i))
                    .intoArray(to, toAt + i);
        }
        for (int i = end; i < count; i++) {
            to[toAt + i] = (from[fromAt + i] - mean) * factor * scale[i] + shift[i];
        }
    }

    @Override
    public void activate(Activation activation, float[] values, int at, int count) {
        int end = SPECIES.loopBound(count);
        switch (activation) {
            case NONE -> {
                return;
            }
            case SILU -> sigmoidProduct(values, at, end, 1f);
            case QUICK_GELU -> sigmoidProduct(values, at, end, 1.702f);
            case GELU -> {
                for (int i = at; i < at + end; i += LANES) {
                    VectorMath.gelu(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
                }
            }
        }
        TAIL.activate(activation, values, at + end, count - end);
    }

    private static void sigmoidProduct(float[] values, int at, int count, float slope) {
        for (int i = at; i < at + count; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, i);
            x.div(VectorMath.exp(x.mul(-slope)).add(1f)).intoArray(values, i);
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
        int end = SPECIES.loopBound(outputs);
        for (int i = 0; i < end; i += LANES) {
            for (int p = 0, at = i, into = toAt + i; p < pixels; p++, at += sumStep, into += step) {
                FloatVector gate = FloatVector.fromArray(SPECIES, sums, gatesAt + at);
                FloatVector value = FloatVector.fromArray(SPECIES, sums, valuesAt + at);
                value.mul(VectorMath.gelu(gate)).intoArray(to, into);
            }
        }
        if (end < outputs) {
            TAIL.geglu(sums, valuesAt + end, gatesAt + end, sumStep, to, toAt + end, step, pixels, outputs - end);
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
        int end = SPECIES.loopBound(outputs);
        for (int i = 0; i < end; i += LANES) {
            if (added == null) {
                for (int p = 0, x = sumsAt + i, y = toAt + i; p < pixels; p++, x += sumStep, y += step) {
                    FloatVector.fromArray(SPECIES, sums, x).intoArray(to, y);
                }
            } else {
                for (int p = 0, x = sumsAt + i, r = addedAt + i, y = toAt + i;
                        p < pixels;
                        p++, x += sumStep, r += addedStep, y += step) {
                    FloatVector sum = FloatVector.fromArray(SPECIES, sums, x);
                    sum.add(FloatVector.fromArray(SPECIES, added, r)).intoArray(to, y);
                }
            }
        }
        if (end < outputs) {
            TAIL.finish(
                    sums,
                    sumsAt + end,
                    sumStep,
                    added,
                    addedAt + end,
                    addedStep,
                    to,
                    toAt + end,
                    step,
                    pixels,
                    outputs - end);
        }
    }

    @Override
    public void add(float[] a, int aAt, float[] b, int bAt, float[] to, int toAt, int count) {
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            FloatVector.fromArray(SPECIES, a, aAt + i)
                    .add(FloatVector.fromArray(SPECIES, b, bAt + i))
                    .intoArray(to, toAt + i);
        }
        TAIL.add(a, aAt + end, b, bAt + end, to, toAt + end, count - end);
    }

    @Override
    public void scale(float[] values, int at, int count, float by) {
        int end = SPECIES.loopBound(count);
        for (int i = at; i < at + end; i += LANES) {
            FloatVector.fromArray(SPECIES, values, i).mul(by).intoArray(values, i);
        }
        TAIL.scale(values, at + end, count - end, by);
    }

    @Override
    public void exponentials(
            float[] values, int at, int count, float origin, float[] to, int toAt, float[] sums, int sumsAt) {
        int end = SPECIES.loopBound(count);
        if (end > 0) {
            exponentialsOfVectors(values, at, end, origin, to, toAt, sums, sumsAt);
        }
        TAIL.exponentials(values, at + end, count - end, origin, to, toAt + VectorTiles.ROWS * end, sums, sumsAt);
    }

    /** Only called where there is a vector: a loop that often ended before its first is a cold one, and exp is not inlined there. */
    private static void exponentialsOfVectors(
            float[] values, int at, int count, float origin, float[] to, int toAt, float[] sums, int sumsAt) {
        FloatVector sum = FloatVector.fromArray(SPECIES, sums, sumsAt);
        for (int i = 0, into = toAt; i < count; i += LANES, into += VectorTiles.ROWS * LANES) {
            FloatVector e = VectorMath.exp(
                    FloatVector.fromArray(SPECIES, values, at + i).sub(origin));
            e.intoArray(to, into);
            sum = sum.add(e);
        }
        sum.intoArray(sums, sumsAt);
    }

    @Override
    public float max(float[] values, int at, int count) {
        return VectorReductions.max(values, at, count);
    }

    @Override
    public float sum(float[] values, int at, int count) {
        return VectorReductions.sum(values, at, count);
    }

    @Override
    public float sumOfSquares(float[] values, int at, int count, float origin) {
        return VectorReductions.sumOfSquares(values, at, count, origin);
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
        VectorReductions.moments(x, at, stride, pixels, channels, results, origin, sums, squares);
    }

    @Override
    public void widenHalf(MemorySegment source, long from, float[] to, int at, int count, short[] halves) {
        TAIL.widenHalf(
                source, from, to, at, count, halves); // there is one instruction for it, and this compiles sooner
    }

    @Override
    public void widenBrain(MemorySegment source, long from, float[] to, int at, int count, short[] halves) {
        int end = SPECIES.loopBound(count);
        for (int i = 0; i < end; i += LANES) {
            IntVector bits = shorts(source, from + 2L * i).lanewise(VectorOperators.LSHL, 16);
            bits.reinterpretAsFloats().intoArray(to, at + i);
        }
        TAIL.widenBrain(source, from + 2L * end, to, at + end, count - end, halves);
    }

    private static IntVector shorts(MemorySegment source, long at) {
        ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, source, at, ByteOrder.LITTLE_ENDIAN);
        return (IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }
}
