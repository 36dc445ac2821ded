package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A 3×3 convolution of stride 1 by Winograd's F(m×m, 3×3): a tile of m×m outputs takes (m + 2)² products a channel in the place
 * of 9m². Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
 *
 * <p>Tiles and weights both become (m + 2)² matrices, which are multiplied, each with its own, and the sums become outputs; band
 * of tiles by band, so that what is in hand fits a cache. Where one band is the whole image, or weights are many, they are
 * transformed when they are needed and forgotten; otherwise all are before the first band. They are not kept between runs: that
 * would take up to fourteen times the memory of their halves, and making them costs a few per cent.
 *
 * <p>Rounding errors are larger than those of {@link Convolution}, at most as the contract tests say: for {@code exact} it is not
 * used.
 */
final class Winograd {
    private static final int TAPS = 3 * 3;
    /** Bytes of a band's factors, which stay in the last-level cache. */
    private static final int BAND_BYTES = 32 << 20;
    /** Tiles of a band: their factors of one product and a block of the depth stay in the second-level cache. */
    private static final int BAND_TILES = 128;
    /** Bytes of all weights' factors, beyond which they are not kept from band to band. */
    private static final long KEPT_BYTES = 128L << 20;
    /** Bytes of all weights' factors that stay in the last-level cache: then each worker has bands of its own, and waits for none. */
    private static final long LIGHT_BYTES = 20L << 20;
    /** Tiles of a band that one worker has alone. */
    private static final int OWN_TILES = 64;
    /** Bands for each worker, with fewer of which some would have nothing to do at the end. */
    private static final int OWN_BANDS = 4;
    /** Bytes that a worker has in hand, of sums and of weights' factors each. */
    private static final int GROUP_BYTES = 2 << 20;
    /** Along an image that was doubled, pairs of neighbours are equal, and the factor at the point -1 is zero. */
    private static final int POINT_MINUS_ONE = 2;

    private final CpuOps ops;
    private final Kernels kernels;
    private final WinogradTransforms transforms;
    private final PackedMatrix weights;
    private final int panelWidth;
    private final boolean doubled;
    private final int points;
    private final int products;
    private final Shape view;
    private final DepthBlocks depth;
    private final WinogradTiles tiles;
    private final boolean kept; // the weights' factors, from band to band
    private final boolean alone; // whether each band is in the hands of one worker
    private final int groups; // in which the panels are shared out

    private final WinogradInput input;
    private final WinogradOutput output;
    private final HostTensor factors; // of a band, as WinogradInput lays them out
    private final HostTensor taps; // [worker][tap][channel of a slice][panelWidth]
    /** {@code [product][panel][channel][panelWidth]}; where not kept, a worker's, of a group and a block of the depth. */
    private final HostTensor weightFactors;

    private final int weightMatrix;
    private final HostTensor sums; // [worker][tile][product][output of a group]
    private final int sumsRow;
    private final int sumsTile;

    Winograd(
            CpuOps ops,
            HostTensor out,
            Input in,
            CpuLayer layer,
            PackedMatrix weights,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual,
            int tile) {
        this.ops = ops;
        kernels = ops.kernels();
        transforms = kernels.winograd(tile);
        this.weights = weights;
        panelWidth = kernels.panelWidth();
        points = transforms.points();
        products = points * points;
        view = in.shape();
        doubled = doubles(in);
        depth = new DepthBlocks(view.c());
        int workers = ops.threads();
        WinogradTiles own = new WinogradTiles(view, tile, OWN_TILES);
        alone = bytesOfWeights() <= LIGHT_BYTES && own.bands() >= OWN_BANDS * workers;
        int fitting = BAND_BYTES / (products * view.c() * Float.BYTES);
        tiles = alone ? own : new WinogradTiles(view, tile, Math.min(BAND_TILES, fitting));
        kept = tiles.bands() > 1 && bytesOfWeights() <= KEPT_BYTES;
        int rows = tiles.rowsOfBand();
        int longest = kept ? rows : Math.max(rows, depth.longest());
        int panelsInHand = Math.max(1, GROUP_BYTES / (products * longest * panelWidth * Float.BYTES));
        int together = alone ? 1 : workers;
        int turns = Math.ceilDiv(Math.ceilDiv(weights.panels(), panelsInHand), together);
        groups = Math.min(weights.panels(), turns * together);
        int groupPanels = Math.ceilDiv(weights.panels(), groups);

        input = new WinogradInput(ops, in, transforms, depth, tiles);
        output =
                new WinogradOutput(ops, out, transforms, ops.offsets(layer, shift), residual, groupPanels * panelWidth);
        factors = ops.memory().tensor(new Shape(1, 1, alone ? workers : 1, input.floats()));
        taps = ops.memory().tensor(new Shape(1, 1, workers, TAPS * WinogradInput.SLICE * panelWidth));
        weightMatrix = (kept ? weights.panels() * view.c() : groupPanels * depth.longest()) * panelWidth + 16;
        weightFactors = ops.memory().tensor(new Shape(1, kept ? 1 : workers, products, weightMatrix));
        sumsRow = groupPanels * panelWidth;
        sumsTile = products * sumsRow + 16;
        sums = ops.memory().tensor(new Shape(1, 1, workers, rows * sumsTile));
    }

    /** Whether this computes such a layer, reading so: slice by slice, which a normalisation over all channels rules out. */
    static boolean computes(Input in, CpuLayer layer) {
        Norm norm = in.norm();
        return layer.window().equals(Window.SAME_3X3)
                && (norm == null || PreparedWeights.own(norm, CpuNorm.class).overGroups());
    }

    static boolean doubles(Input in) {
        return in.height() == 2 * in.first().shape().h()
                && in.width() == 2 * in.first().shape().w();
    }

    /** Computes all of the output. */
    void run() {
        if (kept) {
            ops.parallel(weights.panels(), (panel, worker) -> {
                int to = weightFactors.offset() + panel * view.c() * panelWidth;
                transform(panel, 0, view.c(), to, worker);
            });
        }
        int parts = tiles.patches() * input.slices();
        if (alone) {
            ops.parallel(tiles.bands(), (i, worker) -> {
                WinogradTiles.Block band = tiles.band(i);
                for (int part = 0; part < parts; part++) {
                    read(band, part, worker);
                }
                for (int group = 0; group < groups; group++) {
                    compute(band, group, worker);
                }
            });
        } else {
            for (int i = 0; i < tiles.bands(); i++) {
                WinogradTiles.Block band = tiles.band(i);
                ops.parallel(parts, (part, worker) -> read(band, part, worker));
                ops.parallel(groups, (group, worker) -> compute(band, group, worker));
            }
        }
    }

    private long bytesOfWeights() {
        return (long) products * weights.panels() * view.c() * panelWidth * Float.BYTES;
    }

    private int factorsAt(int worker) {
        return factors.at(alone ? worker : 0);
    }

    private void read(WinogradTiles.Block band, int part, int worker) {
        WinogradTiles.Block patch = tiles.patch(band, part % tiles.patches());
        input.transform(band, patch, part / tiles.patches(), factors.data(), factorsAt(worker), worker);
    }

    /** Some channels' weights of a panel to their factors. */
    private void transform(int panel, int begin, int end, int to, int worker) {
        WorkerScratch scratch = ops.scratch(worker);
        int at = taps.at(worker);
        int tap = WinogradInput.SLICE * panelWidth;
        for (int channel = begin; channel < end; channel += WinogradInput.SLICE) {
            int count = Math.min(WinogradInput.SLICE, end - channel);
            for (int i = 0; i < TAPS; i++) {
                int row = i * view.c() + channel;
                weights.widen(kernels, panel, row, count, taps.data(), at + i * tap, scratch.halves());
            }
            int into = to + (channel - begin) * panelWidth;
            int some = count * panelWidth;
            transforms.weights(taps.data(), at, tap, weightFactors.data(), into, weightMatrix, some, scratch.floats());
        }
    }

    /** A group of outputs of a band. */
    private void compute(WinogradTiles.Block band, int group, int worker) {
        int first = weights.panels() * group / groups;
        int end = weights.panels() * (group + 1) / groups;
        int sumsAt = sums.at(worker);
        for (int block = 0; block < depth.count(); block++) {
            int panelStride = (kept ? view.c() : depth.depthOf(block)) * panelWidth;
            int weightsAt = weightFactors.at(kept ? 0 : worker * products);
            if (kept) {
                weightsAt += first * panelStride + depth.begin(block) * panelWidth;
            } else {
                for (int panel = first; panel < end; panel++) {
                    int at = weightsAt + (panel - first) * panelStride;
                    transform(panel, depth.begin(block), depth.end(block), at, worker);
                }
            }
            for (int product = 0; product < products; product++) {
                for (int i = 0; i < end - first && !vanishes(product); i++) {
                    multiply(
                            band,
                            factorsAt(worker),
                            product,
                            block,
                            weightsAt + i * panelStride,
                            sumsAt + i * panelWidth);
                }
            }
        }
        clearVanishing(sumsAt, band.tiles());
        int firstOutput = weights.firstOutput(first);
        int count = weights.firstOutput(end - 1) + weights.width(end - 1) - firstOutput;
        output.write(band, sums.data(), sumsAt, sumsRow, sumsTile, firstOutput, count, worker);
    }

    /**
     * Of all tiles of a band; what is computed for the rest of the last group is not used.
     *
     * @param weightsAt of the first product
     */
    private void multiply(WinogradTiles.Block band, int factorsAt, int product, int block, int weightsAt, int to) {
        kernels.multiply(
                factors.data(),
                factorsAt + input.begin(block, product),
                depth.depthOf(block),
                weightFactors.data(),
                weightsAt + product * weightMatrix,
                depth.depthOf(block),
                sums.data(),
                to + product * sumsRow,
                sumsTile,
                Math.ceilDiv(band.tiles(), Kernels.ROWS) * Kernels.ROWS,
                block > 0);
    }

    private boolean vanishes(int product) {
        return doubled && (product / points == POINT_MINUS_ONE || product % points == POINT_MINUS_ONE);
    }

    private void clearVanishing(int sumsAt, int count) {
        for (int product = 0; product < products; product++) {
            for (int tile = 0; tile < count && vanishes(product); tile++) {
                int at = sumsAt + tile * sumsTile + product * sumsRow;
                Arrays.fill(sums.data(), at, at + sumsRow, 0f);
            }
        }
    }
}
