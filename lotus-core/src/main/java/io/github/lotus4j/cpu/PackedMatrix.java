package io.github.lotus4j.cpu;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The weights of a layer in panels of {@link Kernels#PANEL} outputs, {@code [panel][depth][output]}, outside the heap, in
 * half precision where they are stored so: a layer reads half the bytes, and widens each block once for many pixels.
 *
 * <p>Depth runs over (kernel row, kernel column, channel): the order in which a gathered patch lies.
 */
final class PackedMatrix {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final List<Parameter> parameters;
    private final int outputs;
    private final int depth;
    private final int taps;
    private final boolean paired;
    private final DType dtype;
    private final MemorySegment[] panels;

    /**
     * @param parameters each [outputs_i, channels, kernel, kernel], all of one kernel size
     * @param paired whether panels alternate between the first and the second half of the outputs, as GEGLU reads them
     */
    PackedMatrix(List<Parameter> parameters, boolean paired) {
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

    private static int ceilingPanels(int columns) {
        return (columns + Kernels.PANEL - 1) / Kernels.PANEL;
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
        return paired ? panel / 2 * Kernels.PANEL + (panel % 2) * (outputs / 2) : panel * Kernels.PANEL;
    }

    /** How many of a panel's columns are outputs; the rest is zero. */
    int width(int panel) {
        int end = paired && panel % 2 == 0 ? outputs / 2 : outputs;
        return Math.min(Kernels.PANEL, end - firstOutput(panel));
    }

    long bytes() {
        return (long) panels.length * Kernels.PANEL * depth * dtype.bits() / 8;
    }

    /** Widens rows of a panel: {@code [rows][PANEL]}. */
    void widen(Kernels kernels, int panel, int firstRow, int rows, float[] to, int at) {
        int count = rows * Kernels.PANEL;
        long from = (long) firstRow * Kernels.PANEL;
        switch (dtype) {
            case F16 -> kernels.widenHalf(panels[panel], 2 * from, to, at, count);
            case BF16 -> kernels.widenBrain(panels[panel], 2 * from, to, at, count);
            default -> MemorySegment.copy(panels[panel], ValueLayout.JAVA_FLOAT, 4 * from, to, at, count);
        }
    }

    /** Reads and packs one panel; panels may be loaded in parallel. */
    void load(int panel, Arena arena) {
        int first = firstOutput(panel);
        int width = width(panel);
        MemorySegment packed = arena.allocate((long) Kernels.PANEL * depth * dtype.bits() / 8, 64);
        if (dtype == DType.F32) {
            float[] rows = new float[width * depth];
            for (int j = 0; j < width; j++) {
                copyRow(first + j, rows, j * depth);
            }
            float[] turned = new float[Kernels.PANEL * depth];
            for (int row = 0; row < depth; row++) {
                int source = source(row);
                for (int j = 0; j < width; j++) {
                    turned[row * Kernels.PANEL + j] = rows[j * depth + source];
                }
            }
            MemorySegment.copy(turned, 0, packed, ValueLayout.JAVA_FLOAT, 0, turned.length);
        } else {
            short[] rows = new short[width * depth];
            for (int j = 0; j < width; j++) {
                copyRow(first + j, rows, j * depth);
            }
            short[] turned = new short[Kernels.PANEL * depth];
            for (int row = 0; row < depth; row++) {
                int source = source(row);
                for (int j = 0; j < width; j++) {
                    turned[row * Kernels.PANEL + j] = rows[j * depth + source];
                }
            }
            MemorySegment.copy(turned, 0, packed, SHORT, 0, turned.length);
        }
        panels[panel] = packed;
    }

    /** Where a row of the packed depth, (tap, channel), stands in the stored order, (channel, tap). */
    private int source(int row) {
        int channels = depth / taps;
        return row % channels * taps + row / channels;
    }

    private void copyRow(int output, float[] to, int at) {
        int row = output;
        for (Parameter parameter : parameters) {
            int rows = parameter.shape()[0];
            if (row < rows) {
                parameter.toFloats((long) row * depth, to, at, depth);
                return;
            }
            row -= rows;
        }
        throw new IllegalArgumentException("output " + output + " of " + outputs);
    }

    private void copyRow(int output, short[] to, int at) {
        int row = output;
        for (Parameter parameter : parameters) {
            int rows = parameter.shape()[0];
            if (row < rows) {
                MemorySegment.copy(parameter.data(), SHORT, 2L * row * depth, to, at, depth);
                return;
            }
            row -= rows;
        }
        throw new IllegalArgumentException("output " + output + " of " + outputs);
    }
}
