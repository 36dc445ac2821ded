package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;

/**
 * The input side of {@link Winograd}: reads the pixels under some tiles, some channels at a time, and turns them into factors,
 * {@code [product][block of the depth][panel of tiles][channel of the block / segment][tile][channel of the segment]}.
 */
final class WinogradInput {
    /** Channels that are read and transformed at a time, so that a patch stays in the second-level cache. */
    static final int SLICE = DepthBlocks.UNIT;

    private final Kernels kernels;
    private final WinogradTransforms transforms;
    private final ViewReader reader;
    private final DepthBlocks depth;
    private final int channels;
    private final int products;
    private final int rows; // of a band
    /** Floats between two products' rows: more than they take, lest all fall on one set of a cache. */
    private final int matrix;

    private final HostTensor patches; // [worker][row][column][channel of a slice]
    private final Workspace workspace;

    WinogradInput(
            Workspace workspace, Input in, WinogradTransforms transforms, DepthBlocks depth, WinogradTiles tiles) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        this.transforms = transforms;
        this.depth = depth;
        products = transforms.points() * transforms.points();
        channels = in.channels();
        rows = kernels.wholePanels(tiles.most());
        matrix = rows * kernels.wholeSegments(channels) + 16;
        reader = new ViewReader(in, workspace);
        int tile = transforms.tile();
        int pixels = (tiles.rows() * tile + 2) * (tiles.columns() * tile + 2);
        patches = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), pixels * Math.min(SLICE, channels)));
    }

    /** Before a run's first transformation. */
    void begin() {
        reader.begin();
    }

    /** Where a tile's factors of a product and a block of the depth begin. */
    int begin(int product, int block, int tile) {
        return product * matrix + rows * depth.begin(block) + kernels.ofRow(tile, panelStride(block));
    }

    /** Floats of a panel of tiles. */
    int panelStride(int block) {
        return kernels.panelStride(depth.depthOf(block));
    }

    int floats() {
        return products * matrix;
    }

    int slices() {
        return Math.ceilDiv(channels, SLICE);
    }

    /** @param to where the factors of the band begin */
    void transform(
            WinogradTiles.Block band, WinogradTiles.Block block, int slice, float[] factors, int to, int worker) {
        int channel = slice * SLICE;
        int count = Math.min(SLICE, channels - channel);
        int tile = transforms.tile();
        int columns = block.width() * tile + 2;
        int top = block.row() * tile - 1;
        int left = block.column() * tile - 1;
        float[] patch = patches.data();
        int at = patches.at(worker);
        for (int row = 0; row < block.height() * tile + 2; row++) {
            int from = at + row * columns * count;
            reader.readPadded(block.image(), top + row, left, columns, channel, count, patch, from);
        }
        int depthBlock = depth.blockOf(channel);
        int into = to + kernels.ofColumn(channel - depth.begin(depthBlock));
        float[] scratch = workspace.scratch(worker).floats();
        for (int y = 0; y < block.height(); y++) {
            for (int x = 0; x < block.width(); x++) {
                int from = at + (y * columns + x) * tile * count;
                int number = band.number(block.row() + y, block.column() + x);
                int factor = into + begin(0, depthBlock, number);
                transforms.input(patch, from, columns * count, count, factors, factor, matrix, count, scratch);
            }
        }
    }
}
