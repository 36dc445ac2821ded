package io.github.lotus4j.cpu;

/** The three linear maps of Winograd's F(m×m, 3×3), applied channel by channel to many channels at once. Stateless. */
interface WinogradTransforms {
    /** Floats that a transform needs in hand. */
    int SCRATCH = 8 * 8 * ScalarWinograd.CHANNELS;

    /** m: pixels of an output tile, each way. */
    int tile();

    /** n = m + 2: pixels of an input tile, each way; n² products are multiplied. */
    default int points() {
        return tile() + 2;
    }

    /**
     * A tile of n×n pixels to its n² factors, {@code Bᵀ d B}, each a row in a panel of rows, as {@link Kernels#multiply} reads them.
     *
     * @param row floats from one row of the patch to the next
     * @param pixel floats from one pixel of the patch to the next
     * @param product floats from one factor to the next
     * @param count channels
     * @param scratch of {@link #SCRATCH} floats
     */
    void input(
            float[] patch, int at, int row, int pixel, float[] to, int toAt, int product, int count, float[] scratch);

    /**
     * Kernels of 3×3 taps to their n² factors: {@code G g Gᵀ}.
     *
     * @param tap floats from one tap to the next
     * @param count weights of one tap
     */
    void weights(float[] taps, int at, int tap, float[] to, int toAt, int product, int count, float[] scratch);

    /** n² sums of products to a tile of m×m pixels: {@code Aᵀ s A}. */
    void output(
            float[] sums, int at, int product, float[] to, int toAt, int row, int pixel, int count, float[] scratch);
}
