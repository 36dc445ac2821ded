package io.github.lotus4j.cpu;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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

    private static final int CHANNELS_IN_TURN = 256;
    private static final long BYTES_IN_PIECE = 1 << 20;

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

    long bytes() {
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
            case BF16 -> kernels.widenBrain(panels[panel], 2 * from, to, at, count);
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
        int size = (end - begin) * panelWidth * depth;
        MemorySegment packed;
        // allocated from what it will hold: it is not zeroed before, and its pages are touched once
        if (dtype == DType.F32) {
            float[][] arrays = buffers.floats(size);
            read(begin, end, arrays[0], buffers);
            turn(begin, end, (from, to, count) -> copy(arrays[0], from, taps, arrays[1], to, panelWidth, count));
            packed = arena.allocateFrom(FLOAT, MemorySegment.ofArray(arrays[1]), FLOAT, 0, size);
        } else {
            short[][] arrays = buffers.halves(size);
            MemorySegment stored = stored(begin, end, buffers);
            MemorySegment.copy(stored, SHORT, 0, arrays[0], 0, (int) (stored.byteSize() / Short.BYTES));
            turn(begin, end, (from, to, count) -> copy(arrays[0], from, taps, arrays[1], to, panelWidth, count));
            packed = arena.allocateFrom(SHORT, MemorySegment.ofArray(arrays[1]), SHORT, 0, size);
        }
        slice(packed, begin, end);
    }

    private void slice(MemorySegment packed, int begin, int end) {
        long bytes = packed.byteSize() / (end - begin);
        for (int panel = begin; panel < end; panel++) {
            panels[panel] = packed.asSlice((panel - begin) * bytes, bytes);
        }
    }

    private interface Strided {
        /** Copies one output's weights of one tap for some channels, to lie {@link #panelWidth} apart. */
        void copy(int from, int to, int count);
    }

    private void turn(int begin, int end, Strided strided) {
        for (int panel = begin; panel < end; panel++) {
            turn(rowInPiece(panel, begin, end) * depth, width(panel), (panel - begin) * panelWidth * depth, strided);
        }
    }

    /** From stored rows, (output, channel, tap), to packed ones, (tap, channel, output); block by block, to stay in cache. */
    private void turn(int from, int width, int to, Strided strided) {
        int channels = depth / taps;
        for (int first = 0; first < channels; first += CHANNELS_IN_TURN) {
            int count = Math.min(CHANNELS_IN_TURN, channels - first);
            for (int tap = 0; tap < taps; tap++) {
                for (int j = 0; j < width; j++) {
                    int target = to + (tap * channels + first) * panelWidth + j;
                    strided.copy(from + j * depth + first * taps + tap, target, count);
                }
            }
        }
    }

    /** Apart from the loops around it: small enough to be compiled early, and most of loading is done in here. */
    private static void copy(float[] from, int at, int step, float[] to, int toAt, int toStep, int count) {
        int source = at;
        int target = toAt;
        for (int i = 0; i < count; i++) {
            to[target] = from[source];
            source += step;
            target += toStep;
        }
    }

    private static void copy(short[] from, int at, int step, short[] to, int toAt, int toStep, int count) {
        int source = at;
        int target = toAt;
        for (int i = 0; i < count; i++) {
            to[target] = from[source];
            source += step;
            target += toStep;
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

    /** The rows of some panels as they are stored, all of one type. */
    private MemorySegment stored(int begin, int end, PackingBuffers buffers) {
        long row = (long) depth * dtype.bits() / 8;
        MemorySegment stored = buffers.bytes(row * rows(begin, end));
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
