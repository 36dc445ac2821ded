package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3): a tile of 4×4 outputs takes 36 products a channel in the place of 144.
 * Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
 *
 * <p>First the weights become 36 matrices, in every run: kept so, they would take eight times the memory of their halves, and
 * making them costs a few per cent. Then, block of tiles by block: its input patch is gathered and becomes 36 matrices, each
 * is multiplied with its own, and the sums become outputs. Every value of the patch is gathered once.
 *
 * <p>Rounding errors are about ten times those of {@link Convolution}: for {@code exact} it is not used.
 */
final class Winograd {
    private static final int TILE = 4;
    private static final int TILE_INPUT = 6;
    private static final int TAPS = 3 * 3;
    private static final int PRODUCTS = TILE_INPUT * TILE_INPUT;
    /** The product at the point (1, 1), which reaches each of a tile's outputs once: where the bias joins. */
    private static final int PRODUCT_AT_ONE = TILE_INPUT + 1;
    /** Along an image that was doubled, pairs of neighbours are equal, and the factor at the point -1 is zero. */
    private static final int POINT_MINUS_ONE = 2;

    /** Of an image: with fewer, transforming the weights takes as long as it saves. Not of a batch, whose results would differ. */
    private static final int FEWEST_PIXELS = 16 * 16;

    /** Tiles of a block, each way. */
    private static final int BLOCK_SIDE = 8;
    /** Channels that are gathered and transformed at a time, so that a patch stays in the second-level cache. */
    private static final int SLICE = 32;
    /** Rows of a panel that are multiplied at a time, so that they stay in the first-level cache. */
    private static final int DEPTH_BLOCK = 256;
    /** A cache line between matrices: their powers of two would else fall on the same few sets of a cache. */
    private static final int SKEW = 16;

    private final CpuOps ops;
    private final Kernels kernels;
    private final HostTensor out;
    private final PackedMatrix weights;
    private final float[] bias;
    private final @Nullable HostTensor shift;
    private final @Nullable HostTensor residual;
    private final ViewReader reader;

    private final Shape view;
    private final int inChannels;
    private final int panelWidth;
    private final boolean doubled;
    private final int tilesDown;
    private final int tilesAcross;
    private final int blocksDown;
    private final int blocksAcross;
    private final int groups; // of panels, in which the outputs are shared out where blocks are few
    private final int groupPanels;

    private final HostTensor factors; // of the weights: [product][panel][channel][panelWidth]
    private final HostTensor taps; // [worker][tap][channel of a slice][panelWidth]
    private final HostTensor patches; // [worker][row][column][channel of a slice]
    private final HostTensor inputs; // [worker][product][tile][channel]
    private final HostTensor sums; // [worker][product][tile][output of a group]
    private final HostTensor tiles; // [worker][row][column][output of a group]
    private final int inputRow;
    private final int inputMatrix;
    private final int sumsRow;
    private final int sumsMatrix;
    private final int factorMatrix;

    Winograd(
            CpuOps ops,
            HostTensor out,
            Input in,
            CpuLayer layer,
            PackedMatrix weights,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual) {
        this.ops = ops;
        kernels = ops.kernels();
        this.out = out;
        this.weights = weights;
        bias = layer.bias();
        this.shift = shift;
        this.residual = residual;
        reader = new ViewReader(in, ops);
        view = in.shape();
        inChannels = view.c();
        panelWidth = kernels.panelWidth();
        doubled = in.height() == 2 * in.first().shape().h()
                && in.width() == 2 * in.first().shape().w();

        int workers = ops.threads();
        tilesDown = Math.ceilDiv(view.h(), TILE);
        tilesAcross = Math.ceilDiv(view.w(), TILE);
        blocksDown = Math.ceilDiv(tilesDown, BLOCK_SIDE);
        blocksAcross = Math.ceilDiv(tilesAcross, BLOCK_SIDE);
        groups = Math.min(weights.panels(), Math.ceilDiv(2 * workers, view.n() * blocksDown * blocksAcross));
        groupPanels = Math.ceilDiv(weights.panels(), groups);

        int side = TILE * BLOCK_SIDE + TILE_INPUT - TILE;
        int tilesInBlock = BLOCK_SIDE * BLOCK_SIDE;
        factorMatrix = weights.panels() * inChannels * panelWidth + SKEW;
        inputRow = inChannels + SKEW;
        inputMatrix = tilesInBlock * inputRow + SKEW;
        sumsRow = groupPanels * panelWidth;
        sumsMatrix = tilesInBlock * sumsRow + SKEW;
        factors = ops.memory().tensor(new Shape(1, 1, PRODUCTS, factorMatrix));
        taps = ops.memory().tensor(new Shape(1, workers, TAPS, SLICE * panelWidth));
        patches = ops.memory().tensor(new Shape(1, 1, workers, side * side * SLICE));
        inputs = ops.memory().tensor(new Shape(1, workers, PRODUCTS, inputMatrix));
        sums = ops.memory().tensor(new Shape(1, workers, PRODUCTS, sumsMatrix));
        tiles = ops.memory().tensor(new Shape(1, workers, TILE * TILE, sumsRow));
    }

    /** Whether this computes such a layer, reading so: slice by slice, which a normalisation over all channels rules out. */
    static boolean computes(Input in, CpuLayer layer) {
        Norm norm = in.norm();
        return layer.window().equals(Window.SAME_3X3)
                && (norm == null || PreparedWeights.own(norm, CpuNorm.class).overGroups());
    }

    /** Whether this takes less time than {@link Convolution}. */
    static boolean pays(Input in) {
        return in.height() * in.width() >= FEWEST_PIXELS;
    }

    /** Computes all of the output. */
    void run() {
        ops.parallel(weights.panels(), this::transformWeights);
        int blocks = view.n() * blocksDown * blocksAcross;
        ops.parallel(blocks * groups, (item, worker) -> new Block(item / groups, worker).compute(item % groups));
    }

    private void transformWeights(int panel, int worker) {
        float[] scratch = new float[kernels.winogradScratch()];
        int at = taps.at(TAPS * worker);
        for (int channel = 0; channel < inChannels; channel += SLICE) {
            int count = Math.min(SLICE, inChannels - channel);
            for (int tap = 0; tap < TAPS; tap++) {
                weights.widen(kernels, panel, tap * inChannels + channel, count, taps.data(), at + tap * taps.stride());
            }
            int to = factors.at(0) + (panel * inChannels + channel) * panelWidth;
            kernels.winogradWeights(
                    taps.data(), at, taps.stride(), factors.data(), to, factorMatrix, count * panelWidth, scratch);
        }
    }

    /** A rectangle of tiles in the hands of one worker. */
    private final class Block {
        private final float[] scratch = new float[kernels.winogradScratch()];
        private final int image;
        private final int top; // in pixels
        private final int left;
        private final int height; // in tiles
        private final int width;
        private final int patchAt;
        private final int inputsAt;
        private final int sumsAt;
        private final int tileAt;

        Block(int block, int worker) {
            image = block / (blocksDown * blocksAcross);
            int down = block / blocksAcross % blocksDown * BLOCK_SIDE;
            int across = block % blocksAcross * BLOCK_SIDE;
            top = down * TILE;
            left = across * TILE;
            height = Math.min(BLOCK_SIDE, tilesDown - down);
            width = Math.min(BLOCK_SIDE, tilesAcross - across);
            patchAt = patches.at(worker);
            inputsAt = inputs.at(worker * PRODUCTS);
            sumsAt = sums.at(worker * PRODUCTS);
            tileAt = tiles.at(worker * TILE * TILE);
        }

        void compute(int group) {
            for (int channel = 0; channel < inChannels; channel += SLICE) {
                int count = Math.min(SLICE, inChannels - channel);
                gather(channel, count);
                transform(channel, count);
            }
            int first = weights.panels() * group / groups;
            int end = weights.panels() * (group + 1) / groups;
            int firstOutput = weights.firstOutput(first);
            int outputs = weights.firstOutput(end - 1) + weights.width(end - 1) - firstOutput;
            for (int product = 0; product < PRODUCTS; product++) {
                clear(product, firstOutput, outputs);
                if (!vanishes(product)) {
                    multiply(product, first, end);
                }
            }
            write(firstOutput, outputs);
        }

        private boolean vanishes(int product) {
            return doubled && (product / TILE_INPUT == POINT_MINUS_ONE || product % TILE_INPUT == POINT_MINUS_ONE);
        }

        /** The pixels that the block's tiles read, with zeros around the image. */
        private void gather(int channel, int channels) {
            int columns = patchColumns();
            for (int row = 0; row < height * TILE + TILE_INPUT - TILE; row++) {
                int at = patchAt + row * columns * channels;
                reader.readPadded(image, top - 1 + row, left - 1, columns, channel, channels, patches.data(), at);
            }
        }

        private int patchColumns() {
            return width * TILE + TILE_INPUT - TILE;
        }

        private void transform(int channel, int channels) {
            int row = patchColumns() * channels;
            for (int tile = 0; tile < height * width; tile++) {
                int at = patchAt + tile / width * TILE * row + tile % width * TILE * channels;
                int to = inputsAt + tile * inputRow + channel;
                kernels.winogradInput(
                        patches.data(), at, row, channels, inputs.data(), to, inputMatrix, channels, scratch);
            }
        }

        private void clear(int product, int firstOutput, int outputs) {
            int at = sumsAt + product * sumsMatrix;
            Arrays.fill(sums.data(), at, at + height * width * sumsRow, 0f);
            if (product == PRODUCT_AT_ONE) {
                for (int tile = 0; tile < height * width; tile++) {
                    int row = at + tile * sumsRow;
                    System.arraycopy(bias, firstOutput, sums.data(), row, outputs);
                    if (shift != null) {
                        kernels.add(sums.data(), row, shift.data(), shift.offset() + firstOutput, outputs);
                    }
                }
            }
        }

        private void multiply(int product, int firstPanel, int endPanel) {
            int a = inputsAt + product * inputMatrix;
            int b = factors.at(0) + product * factorMatrix;
            int c = sumsAt + product * sumsMatrix;
            for (int k = 0; k < inChannels; k += DEPTH_BLOCK) {
                int depth = Math.min(DEPTH_BLOCK, inChannels - k);
                for (int panel = firstPanel; panel < endPanel; panel++) {
                    kernels.multiply(
                            inputs.data(),
                            a + k,
                            inputRow,
                            factors.data(),
                            b + (panel * inChannels + k) * panelWidth,
                            depth,
                            sums.data(),
                            c + (panel - firstPanel) * panelWidth,
                            sumsRow,
                            height * width,
                            true);
                }
            }
        }

        private void write(int firstOutput, int outputs) {
            float[] tileData = tiles.data();
            for (int tile = 0; tile < height * width; tile++) {
                kernels.winogradOutput(
                        sums.data(), sumsAt + tile * sumsRow, sumsMatrix, tileData, tileAt, sumsRow, outputs, scratch);
                int y = top + tile / width * TILE;
                int x = left + tile % width * TILE;
                for (int i = 0; i < Math.min(TILE, view.h() - y); i++) {
                    for (int j = 0; j < Math.min(TILE, view.w() - x); j++) {
                        int from = tileAt + (i * TILE + j) * sumsRow;
                        int pixel = (image * view.h() + y + i) * view.w() + x + j;
                        if (residual != null) {
                            kernels.add(tileData, from, residual.data(), residual.at(pixel) + firstOutput, outputs);
                        }
                        System.arraycopy(tileData, from, out.data(), out.at(pixel) + firstOutput, outputs);
                    }
                }
            }
        }
    }
}
