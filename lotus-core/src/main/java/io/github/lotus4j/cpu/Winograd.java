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
 * <p>Tiles and weights both become (m + 2)² matrices, their factors, which are multiplied, each with its own, and the sums become
 * outputs. How this is ordered decides what is read from which cache:
 *
 * <ul>
 *   <li>Few weights: each worker takes small bands of tiles of its own.
 *   <li>Many tiles: all workers do a large band together, and each product of it by itself is a plain matrix product.
 *   <li>Few tiles: the weights are what is large. Some outputs at a time, they are transformed, used and forgotten.
 * </ul>
 *
 * <p>Weights' factors are not kept between runs: that would take up to fourteen times the memory of their halves, and making them
 * costs a few per cent.
 *
 * <p>Rounding errors are larger than those of {@link Convolution}, at most as the contract tests say: for {@code exact} it is not
 * used.
 */
final class Winograd implements Operator {
    private static final int TAPS = 3 * 3;
    /** Bytes of all weights' factors that stay in the last-level cache, so that each worker has bands of its own. */
    private static final long LIGHT_BYTES = 6L << 20;
    /** Panels of rows that such a band's tiles fill. */
    private static final int OWN_PANELS = 4;
    /** Bands for each worker, with fewer of which some would have nothing to do at the end. */
    private static final int OWN_BANDS = 4;
    /** Bytes of the factors, or the sums, of a band that workers share. */
    private static final int BAND_BYTES = 32 << 20;
    /** Tiles with fewer of which it costs less to make the weights' factors in cache than to read them. */
    private static final int MANY_TILES = 96;
    /** Bytes of all weights' factors, beyond which there is not the memory to have them. */
    private static final long KEPT_BYTES = 128L << 20;
    /** Bytes of tiles' factors that stay in the second-level cache while a worker takes panel after panel. */
    private static final int ROWS_BYTES = 160 << 10;
    /** Bytes that a worker has in hand, of sums and of weights' factors each, where these are forgotten. */
    private static final int GROUP_BYTES = 2 << 20;
    /** Outputs that are transformed at a time. */
    private static final int OUTPUTS = 128;
    /** Along an image that was doubled, pairs of neighbours are equal, and the factor at the point -1 is zero. */
    private static final int POINT_MINUS_ONE = 2;

    private final Workspace workspace;
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
    private final boolean kept; // all weights' factors are made before the first band
    private final boolean alone; // each band is in the hands of one worker
    private final int groups; // of panels, whose sums are in hand at a time
    private final int rowsInHand; // tiles that are multiplied with panel after panel

    private final Offsets offsets;
    private final WinogradInput input;
    private final WinogradOutput output;
    private final HostTensor factors; // of a band, as WinogradInput lays them out; of each worker's where alone
    private final HostTensor taps; // [worker][tap][channel of a slice][panelWidth]
    /** {@code [product][panel][channel][panelWidth]}; where not kept, each worker's, of a group and a block of the depth. */
    private final HostTensor weightFactors;

    private final WinogradTiles.Block[] bands;
    private final WinogradTiles.Block[][] patches; // of each band
    private int current; // band that all workers are at, where these share it
    private final WorkerTeam.Task transformPanel = this::transformPanel;
    private final WorkerTeam.Task computeAlone = this::computeAlone;
    private final WorkerTeam.Task readPart = this::readPart;
    private final WorkerTeam.Task multiplyProduct = this::multiplyProduct;
    private final WorkerTeam.Task writePart = this::writePart;
    private final WorkerTeam.Task computeGroup = this::computeGroup;

    private final int weightMatrix;
    private final HostTensor sums; // [product][tile][output of a group]; each worker's, or that of a band
    private final int sumsRow;
    private final int sumsMatrix;

    Winograd(
            Workspace workspace,
            HostTensor out,
            Input in,
            CpuLayer layer,
            PackedMatrix weights,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual,
            int tile) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        transforms = kernels.winograd(tile);
        this.weights = weights;
        panelWidth = kernels.panelWidth();
        points = transforms.points();
        products = points * points;
        view = in.shape();
        doubled = in.doubled();
        depth = new DepthBlocks(view.c());
        int workers = workspace.threads();
        int panels = weights.panels();
        long bytesOfWeights = (long) products * panels * view.c() * panelWidth * Float.BYTES;
        WinogradTiles own = WinogradTiles.inStrips(view, tile, kernels.panelRows(), OWN_PANELS);
        alone = bytesOfWeights <= LIGHT_BYTES && own.bands() >= OWN_BANDS * workers;
        int widest = Math.max(view.c(), panels * panelWidth);
        WinogradTiles shared = WinogradTiles.inRows(view, tile, BAND_BYTES / (products * widest * Float.BYTES));
        tiles = alone ? own : shared;
        kept = alone || (shared.most() >= MANY_TILES && bytesOfWeights <= KEPT_BYTES);
        groups = kept ? 1 : groupsOfForgotten(workers);
        int groupPanels = Math.ceilDiv(panels, groups);
        rowsInHand = Math.max(1, ROWS_BYTES / (view.c() * Float.BYTES * kernels.panelRows())) * kernels.panelRows();

        bands = new WinogradTiles.Block[tiles.bands()];
        Arrays.setAll(bands, tiles::band);
        patches = new WinogradTiles.Block[bands.length][];
        Arrays.setAll(patches, i -> patchesOf(bands[i]));
        offsets = new Offsets(workspace, layer, weights, shift);
        input = new WinogradInput(workspace, in, transforms, depth, tiles);
        output = new WinogradOutput(workspace, out, transforms, residual, OUTPUTS);
        factors = workspace.memory().tensor(new Shape(1, 1, alone ? workers : 1, input.floats()));
        taps = workspace.memory().tensor(new Shape(1, 1, workers, TAPS * WinogradInput.SLICE * panelWidth));
        weightMatrix = (kept ? panels * view.c() : groupPanels * depth.longest()) * panelWidth + 16;
        weightFactors = workspace.memory().tensor(new Shape(1, kept ? 1 : workers, products, weightMatrix));
        sumsRow = groupPanels * panelWidth;
        sumsMatrix = kernels.wholePanels(tiles.most()) * sumsRow + 16;
        sums = workspace.memory().tensor(new Shape(1, 1, together() ? 1 : workers, products * sumsMatrix));
    }

    private WinogradTiles.Block[] patchesOf(WinogradTiles.Block band) {
        WinogradTiles.Block[] cut = new WinogradTiles.Block[tiles.patches()];
        Arrays.setAll(cut, i -> tiles.patch(band, i));
        return cut;
    }

    private int groupsOfForgotten(int workers) {
        int rows = Math.max(kernels.wholePanels(tiles.most()), depth.longest());
        int inHand = Math.max(1, GROUP_BYTES / (products * rows * panelWidth * Float.BYTES));
        int turns = Math.ceilDiv(Math.ceilDiv(weights.panels(), inHand), workers);
        return Math.min(weights.panels(), turns * workers);
    }

    /** Whether all workers multiply one band, product by product. */
    private boolean together() {
        return kept && !alone;
    }

    /** Whether this computes such a layer, reading so: slice by slice, which a normalisation over all channels rules out. */
    static boolean computes(Input in, CpuLayer layer) {
        Norm norm = in.norm();
        return layer.window().equals(Window.SAME_3X3)
                && (norm == null || PreparedWeights.own(norm, CpuNorm.class).overGroups());
    }

    /** Computes all of the output. */
    @Override
    public void run() {
        offsets.compute();
        input.begin();
        if (kept) {
            workspace.parallel(weights.panels(), transformPanel);
        }
        if (alone) {
            workspace.parallel(bands.length, computeAlone);
            return;
        }
        for (current = 0; current < bands.length; current++) {
            workspace.parallel(parts(), readPart);
            if (together()) {
                workspace.parallel(products, multiplyProduct);
                workspace.parallel(tiles.patches() * slices(), writePart);
            } else {
                workspace.parallel(groups, computeGroup);
            }
        }
    }

    private void transformPanel(int panel, int worker) {
        int to = weightFactors.offset() + panel * view.c() * panelWidth;
        transform(panel, 0, view.c(), to, worker);
    }

    private int parts() {
        return tiles.patches() * input.slices();
    }

    /** Of outputs that are written at a time. */
    private int slices() {
        return Math.ceilDiv(weights.outputs(), OUTPUTS);
    }

    private void readPart(int part, int worker) {
        read(current, part, worker);
    }

    private void read(int band, int part, int worker) {
        WinogradTiles.Block patch = patches[band][part % tiles.patches()];
        int slice = part / tiles.patches();
        input.transform(bands[band], patch, slice, factors.data(), factors.at(alone ? worker : 0), worker);
    }

    private void multiplyProduct(int product, int worker) {
        multiplyKept(bands[current], product, worker);
    }

    private void writePart(int part, int worker) {
        int first = part % slices() * OUTPUTS;
        int count = Math.min(OUTPUTS, weights.outputs() - first);
        write(bands[current], patches[current][part / slices()], sums.at(0) + first, first, count, worker);
    }

    private void computeAlone(int band, int worker) {
        for (int part = 0; part < parts(); part++) {
            read(band, part, worker);
        }
        for (int product = 0; product < products; product++) {
            multiplyKept(bands[band], product, worker);
        }
        write(bands[band], bands[band], sums.at(worker), 0, weights.outputs(), worker);
    }

    /** A group of outputs of a band, whose weights' factors are made now. */
    private void computeGroup(int group, int worker) {
        WinogradTiles.Block band = bands[current];
        int first = weights.panels() * group / groups;
        int end = weights.panels() * (group + 1) / groups;
        int weightsAt = weightFactors.at(worker * products);
        for (int block = 0; block < depth.count(); block++) {
            int panelStride = depth.depthOf(block) * panelWidth;
            for (int panel = first; panel < end; panel++) {
                int at = weightsAt + (panel - first) * panelStride;
                transform(panel, depth.begin(block), depth.end(block), at, worker);
            }
            for (int product = 0; product < products; product++) {
                for (int i = 0; i < end - first; i++) {
                    int at = weightsAt + i * panelStride;
                    int to = sums.at(worker) + i * panelWidth;
                    multiply(first + i, product, 0, band.tiles(), block, at, to, worker);
                }
            }
        }
        int output = weights.firstOutput(first);
        int count = weights.firstOutput(end - 1) + weights.width(end - 1) - output;
        write(band, band, sums.at(worker), output, count, worker);
    }

    /** Some channels' weights of a panel to their factors. */
    private void transform(int panel, int begin, int end, int to, int worker) {
        WorkerScratch scratch = workspace.scratch(worker);
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

    /** One product of all tiles of a band, some tiles at a time. */
    private void multiplyKept(WinogradTiles.Block band, int product, int worker) {
        int to = sums.at(alone ? worker : 0);
        for (int tile = 0; tile < band.tiles(); tile += rowsInHand) {
            int count = Math.min(rowsInHand, band.tiles() - tile);
            for (int panel = 0; panel < weights.panels(); panel++) {
                int panelAt = weightFactors.offset() + panel * view.c() * panelWidth;
                for (int block = 0; block < depth.count(); block++) {
                    int at = panelAt + depth.begin(block) * panelWidth;
                    multiply(panel, product, tile, count, block, at, to + panel * panelWidth, worker);
                }
            }
        }
    }

    /**
     * One product of some tiles, with a panel and a block of the depth; what is computed for the rest of the last panel of tiles is
     * not used.
     *
     * @param weightsAt of the first product
     * @param to where the band's first tile's sums of the first product go
     */
    private void multiply(int panel, int product, int tile, int count, int block, int weightsAt, int to, int worker) {
        int at = to + product * sumsMatrix + tile * sumsRow;
        if (vanishes(product)) {
            clear(at, count);
            return;
        }
        boolean first = block == 0;
        boolean reachesAll = product == points + 1; // at the points 1 and 1: each pixel of a tile, once
        HostTensor added = first && reachesAll ? offsets.rows() : workspace.zeros();
        HostTensor before = first ? workspace.zeros() : sums;
        kernels.multiply(
                factors.data(),
                factors.at(alone ? worker : 0) + input.begin(product, block, tile),
                input.panelStride(block),
                weightFactors.data(),
                weightsAt + product * weightMatrix,
                depth.depthOf(block),
                added.data(),
                added.at(panel),
                before.data(),
                first ? 0 : at,
                first ? 0 : sumsRow,
                sums.data(),
                at,
                sumsRow,
                count);
    }

    private boolean vanishes(int product) {
        return doubled && (product / points == POINT_MINUS_ONE || product % points == POINT_MINUS_ONE);
    }

    private void clear(int at, int count) {
        for (int tile = 0; tile < count; tile++) {
            int row = at + tile * sumsRow;
            Arrays.fill(sums.data(), row, row + panelWidth, 0f);
        }
    }

    /** Outputs from {@code first} on, of some tiles of a band, whose sums begin with that output's. */
    private void write(WinogradTiles.Block band, WinogradTiles.Block tiles, int at, int first, int count, int worker) {
        for (int done = 0; done < count; done += OUTPUTS) {
            int some = Math.min(OUTPUTS, count - done);
            output.write(band, tiles, sums.data(), at + done, sumsMatrix, sumsRow, first + done, some, worker);
        }
    }
}
