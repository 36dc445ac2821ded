package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import org.jspecify.annotations.Nullable;

/** The output side of {@link Winograd}: sums of products, {@code [product][tile][output]}, to pixels, and with a residual. */
final class WinogradOutput {
    private final Workspace workspace;
    private final Kernels kernels;
    private final WinogradTransforms transforms;
    private final HostTensor out;
    private final @Nullable HostTensor residual;
    private final HostTensor tiles; // [worker][row][column][output]
    private final int outputs; // at most, at a time

    WinogradOutput(
            Workspace workspace,
            HostTensor out,
            WinogradTransforms transforms,
            @Nullable HostTensor residual,
            int outputs) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        this.out = out;
        this.transforms = transforms;
        this.residual = residual;
        this.outputs = outputs;
        int tile = transforms.tile();
        tiles = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), tile * tile * outputs));
    }

    /**
     * @param band whose sums these are
     * @param block the tiles of it to write
     * @param at of the band's first tile's sums
     * @param matrix floats between two products' sums
     * @param row floats between two tiles' sums
     */
    void write(
            WinogradTiles.Block band,
            WinogradTiles.Block block,
            float[] sums,
            int at,
            int matrix,
            int row,
            int first,
            int count,
            int worker) {
        int tile = transforms.tile();
        float[] scratch = workspace.scratch(worker).floats();
        for (int i = 0; i < block.tiles(); i++) {
            int tileRow = block.row() + i / block.width();
            int tileColumn = block.column() + i % block.width();
            int from = at + band.number(tileRow, tileColumn) * row;
            int y = tileRow * tile;
            int x = tileColumn * tile;
            int pixel = (block.image() * out.shape().h() + y) * out.shape().w() + x;
            boolean whole =
                    y + tile <= out.shape().h() && x + tile <= out.shape().w();
            if (whole && residual == null) {
                int rowOfOut = out.shape().w() * out.stride();
                transforms.output(
                        sums, from, matrix, out.data(), out.at(pixel) + first, rowOfOut, out.stride(), count, scratch);
            } else {
                int to = tiles.at(worker);
                transforms.output(sums, from, matrix, tiles.data(), to, tile * outputs, outputs, count, scratch);
                copy(
                        to,
                        pixel,
                        Math.min(tile, out.shape().h() - y),
                        Math.min(tile, out.shape().w() - x),
                        first,
                        count);
            }
        }
    }

    private void copy(int from, int pixel, int height, int width, int first, int count) {
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                int at = from + (i * transforms.tile() + j) * outputs;
                int target = pixel + i * out.shape().w() + j;
                int to = out.at(target) + first;
                if (residual == null) {
                    System.arraycopy(tiles.data(), at, out.data(), to, count);
                } else {
                    kernels.add(tiles.data(), at, residual.data(), residual.at(target) + first, out.data(), to, count);
                }
            }
        }
    }
}
