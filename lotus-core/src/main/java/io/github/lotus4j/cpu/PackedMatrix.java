package io.github.lotus4j.cpu;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.io.IOException;
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
final class PackedMatrix implements PackedWeightsCache.Packed {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long BYTES_IN_PIECE = 1 << 20;

    private final List<Parameter> parameters;
    private final int outputs;
    private final int depth;
    private final int taps;
    private final boolean paired;
    private final int panelWidth;
    private final DType dtype;
    private final MemorySegment[] panels;
    private boolean placed;

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

    /** Panels are loaded in pieces of some. */
    int pieces() {
        return Math.ceilDiv(panels.length, panelsInPiece());
    }

    /** Of paired panels an even number, since they are read two by two. */
    private int panelsInPiece() {
        int step = paired ? 2 : 1;
        return (int) Math.max(1, BYTES_IN_PIECE * panels.length / bytes() / step) * step;
    }

    boolean paired() {
        return paired;
    }

    /** The first output of a panel. */
    int firstOutput(int panel) {
        return paired ? panel / 2 * panelWidth + (panel % 2) * (outputs / 2) : panel * panelWidth;
    }

    /** How many of a panel's columns are outputs; what is in the rest does not matter. */
    int width(int panel) {
        int end = paired && panel % 2 == 0 ? outputs / 2 : outputs;
        return Math.min(panelWidth, end - firstOutput(panel));
    }

    @Override
    public long bytes() {
        return (long) panels.length * panelWidth * depth * dtype.bits() / 8;
    }

    /**
     * Widens rows of a panel: {@code [rows][panelWidth]}.
     *
     * @param halves scratch
     */
    void widen(Kernels kernels, int panel, int firstRow, int rows, float[] to, int at, short[] halves) {
        int count = rows * panelWidth;
        long from = (long) firstRow * panelWidth;
        switch (dtype) {
            case F16 -> kernels.widenHalf(panels[panel], 2 * from, to, at, count, halves);
            case BF16 -> kernels.widenBrain(panels[panel], 2 * from, to, at, count, halves);
            default -> MemorySegment.copy(panels[panel], ValueLayout.JAVA_FLOAT, 4 * from, to, at, count);
        }
    }

    /**
     * Reads and packs some panels; pieces may be loaded in parallel. Whatever is dear to compile is called once a piece: most of
     * loading is over before it would be.
     */
    void load(int piece, Arena arena, PackingBuffers buffers) {
        int begin = piece * panelsInPiece();
        int end = Math.min(panels.length, begin + panelsInPiece());
        int panel = panelWidth * depth;
        int count = end - begin;
        MemorySegment packed;
        // allocated from what it will hold: it is not zeroed before, and its pages are touched once
        if (dtype == DType.F32) {
            float[][] arrays = buffers.floats(count * panel);
            read(begin, end, arrays[0], buffers);
            for (int i = 0; i < count; i++) {
                int from = rowInPiece(begin + i, begin, end) * depth;
                PanelTurn.floats(
                        arrays[0], from, width(begin + i), arrays[1], i * panel, panelWidth, depth / taps, taps);
            }
            packed = arena.allocateFrom(FLOAT, MemorySegment.ofArray(arrays[1]), FLOAT, 0, (long) count * panel);
        } else {
            int[] targets = PanelTurn.targets(panelWidth, depth / taps, taps);
            int row = targets.length / PanelTurn.HALVES;
            int longs = panel / PanelTurn.HALVES;
            long[][] arrays = buffers.longs(rows(begin, end) * row, count * longs + panelWidth / PanelTurn.HALVES);
            readHalves(begin, end, arrays[0], row, buffers);
            for (int i = 0; i < count; i++) {
                int from = rowInPiece(begin + i, begin, end) * row;
                PanelTurn.halves(arrays[0], from, width(begin + i), arrays[1], i * longs, targets);
            }
            packed = arena.allocateFrom(
                    LONG, MemorySegment.ofArray(arrays[1]), ValueLayout.JAVA_LONG, 0, (long) count * longs);
        }
        slice(packed, begin, end);
    }

    /** Four in a long, each output's from a new one on. */
    private void readHalves(int begin, int end, long[] to, int row, PackingBuffers buffers) {
        MemorySegment stored = stored(begin, end, buffers);
        int count = rows(begin, end);
        if (depth % PanelTurn.HALVES == 0) {
            MemorySegment.copy(stored, LONG, 0, to, 0, count * row);
            return;
        }
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(stored, LONG, (long) i * depth * Short.BYTES, to, i * row, row);
        }
    }

    @Override
    public String layout() {
        StringBuilder layout =
                new StringBuilder(paired ? "paired" : "plain").append(' ').append(dtype);
        for (Parameter each : parameters) {
            layout.append(' ').append(each.name()).append(' ').append(Arrays.toString(each.shape()));
        }
        return layout.toString();
    }

    @Override
    public void place(MemorySegment packed) {
        slice(packed, 0, panels.length);
        placed = true;
    }

    /** Whether there is nothing to load. */
    boolean placed() {
        return placed;
    }

    @Override
    public void writeTo(PackedFileWriter writer) throws IOException {
        for (MemorySegment panel : panels) {
            writer.write(panel);
        }
    }

    private void slice(MemorySegment packed, int begin, int end) {
        long bytes = packed.byteSize() / (end - begin);
        for (int panel = begin; panel < end; panel++) {
            panels[panel] = packed.asSlice((panel - begin) * bytes, bytes);
        }
    }

    /** The outputs of some panels, in the order of the file; of paired ones, first the values', then the gates'. */
    private int rows(int begin, int end) {
        return paired ? 2 * rowsOfHalf(begin, end) : Math.min(outputs, end * panelWidth) - begin * panelWidth;
    }

    private int rowsOfHalf(int begin, int end) {
        return Math.min(outputs / 2, end / 2 * panelWidth) - begin / 2 * panelWidth;
    }

    private int rowInPiece(int panel, int begin, int end) {
        return paired
                ? (panel - begin) / 2 * panelWidth + panel % 2 * rowsOfHalf(begin, end)
                : (panel - begin) * panelWidth;
    }

    /** The rows of some panels as they are stored, all of one type, and at least seven bytes more. */
    private MemorySegment stored(int begin, int end, PackingBuffers buffers) {
        long row = (long) depth * dtype.bits() / 8;
        MemorySegment stored = buffers.bytes(row * rows(begin, end) + Long.BYTES);
        eachParameter(
                begin,
                end,
                (parameter, from, outputs, at) ->
                        parameter.read((long) from * depth, stored.asSlice(row * at, row * outputs)));
        return stored;
    }

    private void read(int begin, int end, float[] rows, PackingBuffers buffers) {
        if (parameters.stream().allMatch(each -> each.dtype() == DType.F32)) {
            MemorySegment.copy(stored(begin, end, buffers), FLOAT, 0, rows, 0, rows(begin, end) * depth);
        } else {
            eachParameter(
                    begin,
                    end,
                    (parameter, from, outputs, at) ->
                            parameter.toFloats((long) from * depth, rows, at * depth, outputs * depth));
        }
    }

    private interface Rows {
        /** Rows {@code row} to {@code row + count} of a parameter are the ones from {@code at} on of what was asked for. */
        void visit(Parameter parameter, int row, int count, int at);
    }

    private void eachParameter(int begin, int end, Rows rows) {
        if (paired) {
            int count = rowsOfHalf(begin, end);
            eachParameter(firstOutput(begin), count, 0, rows);
            eachParameter(firstOutput(begin + 1), count, count, rows);
        } else {
            eachParameter(firstOutput(begin), rows(begin, end), 0, rows);
        }
    }

    private void eachParameter(int firstOutput, int count, int at, Rows rows) {
        int begin = 0;
        for (Parameter parameter : parameters) {
            int end = begin + parameter.shape()[0];
            int from = Math.max(begin, firstOutput);
            int to = Math.min(end, firstOutput + count);
            if (from < to) {
                rows.visit(parameter, from - begin, to - from, at + from - firstOutput);
            }
            begin = end;
        }
    }
}
