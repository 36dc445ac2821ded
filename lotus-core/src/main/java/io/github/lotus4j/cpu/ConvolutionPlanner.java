package io.github.lotus4j.cpu;

/** Picks how a 3×3 convolution of stride 1 is computed. Thread-safe. */
@FunctionalInterface
interface ConvolutionPlanner {
    /** The ways. */
    enum Algorithm {
        /** {@link Convolution}. */
        PRODUCT(0),
        /** {@link Winograd} with tiles of 2×2, 4×4 or 6×6 outputs. */
        WINOGRAD_2(2),
        WINOGRAD_4(4),
        WINOGRAD_6(6);

        private final int tile;

        Algorithm(int tile) {
            this.tile = tile;
        }

        /** Side of Winograd's output tiles; 0 for none. */
        int tile() {
            return tile;
        }
    }

    /**
     * The choice for one image, whatever the batch, whose images would else differ from single ones.
     *
     * @param height of the output
     * @param doubled whether the input is seen at twice its size
     */
    Algorithm choose(int height, int width, int inChannels, int outChannels, boolean doubled);
}
