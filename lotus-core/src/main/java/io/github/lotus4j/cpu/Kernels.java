package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The innermost loops, once with the Vector API and once as plain loops. Stateless; bounds are the callers' business. */
interface Kernels {
    /** What this is, for a log line. */
    String description();

    /** Columns of a packed panel. */
    int panelWidth();

    /** Rows of a panel of rows, which {@link #multiply} computes together. */
    int panelRows();

    /** Floats of a row that lie side by side in a panel of rows. */
    int segment();

    /** A row's floats, and as many more as fill its last segment. */
    default int wholeSegments(int floats) {
        return Math.ceilDiv(floats, segment()) * segment();
    }

    /** Some rows, and as many more as fill the last panel. */
    default int wholePanels(int rows) {
        return Math.ceilDiv(rows, panelRows()) * panelRows();
    }

    /** Where a row begins among panels of rows that are {@code stride} floats apart. */
    default int ofRow(int row, int stride) {
        return row / panelRows() * stride + row % panelRows() * segment();
    }

    /** Floats of a panel of rows. */
    default int panelStride(int depth) {
        return panelRows() * wholeSegments(depth);
    }

    /** Where a column lies in a row of a panel of rows. */
    default int ofColumn(int column) {
        return column / segment() * panelRows() * segment() + column % segment();
    }

    /**
     * Copies a row to its place in a panel of rows, segment by segment.
     *
     * @param toAt where the row begins there
     */
    void pack(float[] from, int at, int count, float[] to, int toAt);

    /**
     * {@code c[rows × panelWidth] = offsets[panelWidth] + a[rows × depth] · b[depth × panelWidth] + before[rows × panelWidth]}. Here
     * a lies in panels of rows, {@code [panel][depth / segment][panelRows][segment]}; the others are row-major. The last panel's rows
     * beyond {@code rows} are computed along: before and c, which may be the same, have room for them.
     *
     * @param aStride floats from one panel of rows to the next
     * @param depth at most {@link DepthBlocks#LONGEST}
     * @param offsets of each column, the same for every row
     * @param beforeStride floats from one row to the next, which may be 0
     */
    void multiply(
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
            int rows);

    /** Winograd's transforms for tiles of 2, 4 or 6 pixels. */
    WinogradTransforms winograd(int tile);

    /**
     * {@code to = (from - mean) · scale + shift}, channel by channel, for some pixels; the difference first, which keeps large
     * means exact.
     *
     * @param step floats from one pixel to the next
     * @param table where the channels' means lie, then {@code channelsOfTable} further their scales, and as far again their shifts
     * @param silu whether SiLU follows
     */
    void normalize(
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
            boolean silu);

    /** {@code to = (from - mean) · factor · scale + shift} with one mean and factor for all channels. */
    void normalizeRow(
            float[] from,
            int fromAt,
            float[] to,
            int toAt,
            int count,
            float mean,
            float factor,
            float[] scale,
            float[] shift);

    void activate(Activation activation, float[] values, int at, int count);

    /**
     * {@code to = value · gelu(gate)}, for some pixels.
     *
     * @param sumStep floats from one pixel to the next in {@code sums}
     * @param step floats from one pixel to the next in {@code to}
     */
    void geglu(
            float[] sums,
            int valuesAt,
            int gatesAt,
            int sumStep,
            float[] to,
            int toAt,
            int step,
            int pixels,
            int outputs);

    /**
     * {@code to = sum + added}, for some pixels; {@code to} may be {@code added}.
     *
     * @param sumStep floats from one pixel to the next in {@code sums}
     * @param added nothing is, where it is absent
     * @param step floats from one pixel to the next in {@code to}
     */
    void finish(
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
            int outputs);

    /** {@code to = a + b}; {@code to} may be either. */
    void add(float[] a, int aAt, float[] b, int bAt, float[] to, int toAt, int count);

    /** {@code values *= by}. */
    void scale(float[] values, int at, int count, float by);

    float max(float[] values, int at, int count);

    /**
     * {@code to = exp(values - origin)}, a row of a panel of rows; each is added to one of {@link #segment()} sums, always the same.
     *
     * @param toAt where the row begins
     * @param sumsAt where the sums begin
     */
    void exponentials(float[] values, int at, int count, float origin, float[] to, int toAt, float[] sums, int sumsAt);

    float sum(float[] values, int at, int count);

    /** Sum of {@code (value - origin)²}. */
    float sumOfSquares(float[] values, int at, int count, float origin);

    /**
     * Channel by channel, over the pixels: {@code sums += x - origin}, {@code squares += (x - origin)²}.
     *
     * @param origin where in {@code results} the origins are, as are the sums and the squares
     */
    void moments(
            float[] x,
            int at,
            int stride,
            int pixels,
            int channels,
            float[] results,
            int origin,
            int sums,
            int squares);

    /**
     * IEEE half precision to single, {@code count} values from byte {@code from} on.
     *
     * @param halves scratch
     */
    void widenHalf(MemorySegment source, long from, float[] to, int at, int count, short[] halves);

    /** bfloat16 to single. */
    void widenBrain(MemorySegment source, long from, float[] to, int at, int count, short[] halves);

    /**
     * The Vector API where its module is present and vectors are wide enough, plain loops otherwise.
     *
     * @throws io.github.lotus4j.error.LotusException if another width was asked for than there is
     */
    static Kernels best() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return present && VectorWidth.suffices() ? new VectorKernels() : new ScalarKernels();
    }
}
