package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Activation;

/** The innermost loops, once with the Vector API and once as plain loops. Stateless; bounds are the callers' business. */
interface Kernels {
    /** What this is, for a log line. */
    String description();

    /** Columns of a packed panel. */
    int panelWidth();

    /** Rows that {@link #multiply} is fastest with. */
    int rowTile();

    /**
     * {@code c[rows × panelWidth] (+)= a[rows × depth] · b[depth × panelWidth]}, row-major, b packed.
     *
     * @param accumulate whether to add to what c holds
     */
    void multiply(
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
            boolean accumulate);

    /** Floats that the transforms need in hand. */
    int winogradScratch();

    /**
     * A tile of 6×6 pixels to its 36 factors: {@code Bᵀ d B}, channel by channel.
     *
     * @param row floats from one row of the patch to the next
     * @param pixel floats from one pixel of the patch to the next
     * @param product floats from one factor to the next
     */
    void winogradInput(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch);

    /**
     * Kernels of 3×3 taps to their 36 factors: {@code G g Gᵀ}, weight by weight.
     *
     * @param tap floats from one tap to the next
     */
    void winogradWeights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch);

    /** 36 sums of products to a tile of 4×4 pixels, one after the other: {@code Aᵀ m A}, channel by channel. */
    void winogradOutput(
            float[] products, int at, int product, float[] to, int toAt, int pixel, int count, float[] scratch);

    /** {@code to = (from - mean) · scale + shift}, channel by channel; the difference first, which keeps large means exact. */
    void normalize(
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
            int shiftAt);

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

    /** {@code value · gelu(gate)}, into value. */
    void multiplyByGelu(float[] value, int valueAt, float[] gate, int gateAt, int count);

    /** {@code to += from}. */
    void add(float[] to, int toAt, float[] from, int fromAt, int count);

    /** {@code values *= by}. */
    void scale(float[] values, int at, int count, float by);

    float max(float[] values, int at, int count);

    /** {@code values = exp(values - origin)}; returns their sum. */
    float exponentials(float[] values, int at, int count, float origin);

    float sum(float[] values, int at, int count);

    /** Sum of {@code (value - origin)²}. */
    float sumOfSquares(float[] values, int at, int count, float origin);

    /** Channel by channel, over the pixels: {@code sums += x - origin}, {@code squares += (x - origin)²}. */
    void moments(
            float[] x, int at, int stride, int pixels, int channels, float[] origin, float[] sums, float[] squares);

    /** IEEE half precision to single, {@code count} values from byte {@code from} on. */
    void widenHalf(java.lang.foreign.MemorySegment source, long from, float[] to, int at, int count);

    /** bfloat16 to single. */
    void widenBrain(java.lang.foreign.MemorySegment source, long from, float[] to, int at, int count);

    /** The Vector API where its module is present, plain loops otherwise. */
    static Kernels best() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? new VectorKernels()
                : new ScalarKernels();
    }
}
