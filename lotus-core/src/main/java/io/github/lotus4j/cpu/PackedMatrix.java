package io.github.lotus4j.cpu;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The weights of a layer in panels of {@link Kernels#panelWidth()} outputs, {@code [panel][depth][output]}, outside the heap, in
 * half precision where they are stored so: a layer reads half the bytes, and widens each block once for many pixels.
 *
 * <p>Depth runs over (kernel row, kernel column, channel): the order in which a gathered patch lies.
 */
final class PackedMatrix {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int CHANNELS_IN_TURN = 64;

    private final List<Parameter> parameters;
    private final int outputs;
    private final int depth;
    private final int taps;
    private final boolean paired;
    private final int panelWidth;
    private final DType dtype;
    private final MemorySegment[] panels;

    /**
     * @param parameters each [outputs_i, channels, kernel, kernel], all of one kernel size
     * @param paired whether panels alternate between the first and the second half of the outputs, as GEGLU reads them
     * @param panelWidth columns of a panel
     */
    PackedMatrix(List<Parameter> parameters, boolean paired, int panelWidth) {
        this.panelWidth = panelWidth;
        this.parameters = parameters;
        this.paired = paired;
        int[] shape = parameters.getFirst().shape();
        taps = shape.length == 4 ? shape[2] * shape[3] : 1;
        depth = shape[1] * taps;
        outputs = parameters.stream().mapToInt(each -> each.shape()[0]).sum();
        DType stored = parameters.getFirst().dtype();
        boolean narrow = (stored == DType.F16 || stored == DType.BF16)
                && parameters.stream().allMatch(each -> each.dtype() == stored);
        dtype = narrow ? stored : DType.F32;
        int half = ceilingPanels(outputs / 2);
        panels = new MemorySegment[paired ? 2 * half : ceilingPanels(outputs)];
    }

    private int ceilingPanels(int count) {
        return Math.ceilDiv(count, panelWidth);
    }

    int depth() {
        return depth;
    }

    int outputs() {
        return outputs;
    }

    int panels() {
        return panels.length;
    }

    boolean paired() {
        return paired;
    }

    /** The first output of a panel. */
    int firstOutput(int panel) {
        return paired ? panel / 2 * panelWidth + (panel % 2) * (outputs / 2) : panel * panelWidth;
    }

    /** How many of a panel's columns are outputs; the rest is zero. */
    int width(int panel) {
        int end = paired && panel % 2 == 0 ? outputs / 2 : outputs;
        return Math.min(panelWidth, end - firstOutput(panel));
    }

    long bytes() {
        return (long) panels.length * panelWidth * depth * dtype.bits() / 8;
    }

    /** Widens rows of a panel: {@code [rows][panelWidth]}. */
    void widen(Kernels kernels, int panel, int firstRow, int rows, float[] to, int at) {
        int count = rows * panelWidth;
        long from = (long) firstRow * panelWidth;
        switch (dtype) {
            case F16 -> kernels.widenHalf(panels[panel], 2 * from, to, at, count);
            case BF16 -> kernels.widenBrain(panels[panel], 2 * from, to, at, count);
            default -> MemorySegment.copy(panels[panel], ValueLayout.JAVA_FLOAT, 4 * from, to, at, count);
        }
    }

    /** Reads and packs one panel; panels may be loaded in parallel. */
    void load(int panel, Arena arena, PackingBuffers buffers) {
        int first = firstOutput(panel);
        int width = width(panel);
        int size = panelWidth * depth;
        // allocated from what it will hold: it is not zeroed before, and its pages are touched once
        if (dtype == DType.F32) {
            float[][] arrays = buffers.floats(size, size);
            read(first, width, arrays[0], buffers);
            Arrays.fill(arrays[1], 0, width < panelWidth ? size : 0, 0f);
            turn(width, (from, to, count) -> copy(arrays[0], from, taps, arrays[1], to, panelWidth, count));
            panels[panel] = arena.allocateFrom(FLOAT, MemorySegment.ofArray(arrays[1]), FLOAT, 0, size);
        } else {
            short[][] arrays = buffers.halves(size, size);
            MemorySegment.copy(stored(first, width, buffers), SHORT, 0, arrays[0], 0, width * depth);
            Arrays.fill(arrays[1], 0, width < panelWidth ? size : 0, (short) 0);
            turn(width, (from, to, count) -> copy(arrays[0], from, taps, arrays[1], to, panelWidth, count));
            panels[panel] = arena.allocateFrom(SHORT, MemorySegment.ofArray(arrays[1]), SHORT, 0, size);
        }
    }

    private interface Strided {
        /** Copies one output's weights of one tap for some channels, to lie {@link #panelWidth} apart. */
        void copy(int from, int to, int count);
    }

    /** From stored rows, (output, channel, tap), to packed ones, (tap, channel, output); block by block, to stay in cache. */
    private void turn(int width, Strided strided) {
        int channels = depth / taps;
        for (int first = 0; first < channels; first += CHANNELS_IN_TURN) {
            int count = Math.min(CHANNELS_IN_TURN, channels - first);
            for (int tap = 0; tap < taps; tap++) {
                for (int j = 0; j < width; j++) {
                    strided.copy(j * depth + first * taps + tap, (tap * channels + first) * panelWidth + j, count);
                }
            }
        }
    }

    /** Apart from the loops around it: small enough to be compiled early, and most of loading is done in here. */
    private static void copy(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            to[toAt + i * toStep] = from[at + i * step];
        }
    }

    private static void copy(short[] from, int at, int step, short[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            to[toAt + i * toStep] = from[at + i * step];
        }
    }

    /** Rows as they are stored, all of one type. */
    private MemorySegment stored(int firstOutput, int count, PackingBuffers buffers) {
        long row = (long) depth * dtype.bits() / 8;
        MemorySegment stored = buffers.bytes(row * count);
        eachParameter(
                firstOutput,
                count,
                (parameter, from, outputs, at) ->
                        parameter.read((long) from * depth, stored.asSlice(row * at, row * outputs)));
        return stored;
    }

    private void read(int firstOutput, int count, float[] rows, PackingBuffers buffers) {
        if (parameters.stream().allMatch(each -> each.dtype() == DType.F32)) {
            MemorySegment.copy(stored(firstOutput, count, buffers), FLOAT, 0, rows, 0, count * depth);
        } else {
            eachParameter(
                    firstOutput,
                    count,
                    (parameter, from, outputs, at) ->
                            parameter.toFloats((long) from * depth, rows, at * depth, outputs * depth));
        }
    }

    private interface Rows {
        /** Rows {@code row} to {@code row + count} of a parameter are the ones from {@code at} on of what was asked for. */
        void visit(Parameter parameter, int row, int count, int at);
    }

    private void eachParameter(int firstOutput, int count, Rows rows) {
        int begin = 0;
        for (Parameter parameter : parameters) {
            int end = begin + parameter.shape()[0];
            int from = Math.max(begin, firstOutput);
            int to = Math.min(end, firstOutput + count);
            if (from < to) {
                rows.visit(parameter, from - begin, to - from, from - firstOutput);
            }
            begin = end;
        }
    }
}
