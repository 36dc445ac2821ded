package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions and linear layers as an implicit matrix product, NHWC: {@code out[pixel, output] += patch[pixel, depth] ·
 * weights[depth, output]}, where depth runs over (kernel row, kernel column, channel).
 *
 * <p>Work is cut into tiles of output pixels. A tile's input patch is gathered once (normalised, activated, padded) into cache;
 * within it, the kernel's taps on one row lie one after the other, so that a row of taps is one long dot product. Of such a row,
 * pixels are packed in panels of rows. Then, for some panels of outputs at a time, block of the depth by block, each panel's weights
 * are widened and multiplied with all of them. The sums of a panel lie side by side, in cache, until the last block of the depth. That
 * one's go to the output, at once where they fill panels there, too.
 */
final class Convolution implements Operator {
    /**
     * Panels of rows that a tile's output pixels fill, at most: enough to hide the reading and widening of the weights, few enough for
     * the second-level cache.
     */
    private static final int TILE_PANELS = 32;

    private static final int TILE_SIDE = 16;
    /** Panels of outputs that are computed together: so many that the pixels come from afar but rarely, and in GEGLU's pairs. */
    private static final int PANELS = 16;
    /** Items for each worker, with fewer of which some would have nothing to do at the end; with more, each packs its pixels. */
    private static final int ITEMS = 4;

    private final Workspace workspace;
    private final Kernels kernels;
    private final HostTensor out;
    private final PackedMatrix weights;
    private final @Nullable HostTensor residual;

    private final Window window;
    private final Shape view; // as the layer sees its input; for a 1×1 kernel all pixels in one row
    private final Shape result;
    private final boolean flat;
    private final int imageWidth;
    private final int imageRows;
    private final @Nullable ViewReader reader; // absent where the input can be used as it lies
    private final HostTensor source;

    private final int panelWidth;
    private final int step; // panels that become outputs together: the two that GEGLU joins, or one
    private final int span; // depth of a row of taps
    private final DepthBlocks blocks; // of a row of taps
    private final int tileHeight;
    private final int tileWidth;
    private final int tilesAcross;
    private final int tilesDown;
    private final Offsets offsets;
    private final HostTensor patches; // [worker][row][column][channel]
    private final HostTensor rows; // [worker][block][panel of pixels][depth of a block / segment][pixel][segment]
    private final int rowsOfBlock;
    private final HostTensor widened; // [worker][depth of a block][panelWidth]
    private final HostTensor sums; // [worker, panel of outputs, pixel][panelWidth]
    private final int sumsOfPanel;

    private final int columns; // of outputs, each of a panel or of GEGLU's two
    private final int tileCount;
    private final int groups; // of columns
    private final Tile[] tiles; // in the hands of each worker
    private final WorkerTeam.Task compute = this::compute;

    Convolution(
            Workspace workspace,
            HostTensor out,
            Input in,
            CpuLayer layer,
            PackedMatrix weights,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual) {
        this.workspace = workspace;
        kernels = workspace.kernels();
        panelWidth = kernels.panelWidth();
        this.out = out;
        this.weights = weights;
        this.residual = residual;
        window = layer.window();
        source = HostTensor.of(in.first());
        flat = window.equals(Window.POINT) && !in.resized();
        reader = flat && in.plain() ? null : new ViewReader(in, workspace);
        Shape seen = in.shape();
        view = flat ? new Shape(1, 1, seen.pixels(), seen.c()) : seen;
        result = flat ? new Shape(1, 1, seen.pixels(), out.shape().c()) : out.shape();
        imageWidth = seen.w();
        imageRows = seen.h();
        int tilePixels = TILE_PANELS * kernels.panelRows();
        tileWidth = Math.min(flat ? partLength(result.w(), tilePixels) : TILE_SIDE, result.w());
        tileHeight = Math.min(tilePixels / tileWidth, result.h());
        tilesAcross = Math.ceilDiv(result.w(), tileWidth);
        tilesDown = Math.ceilDiv(result.h(), tileHeight);

        step = weights.paired() ? 2 : 1;
        span = window.kernel() * view.c();
        blocks = new DepthBlocks(span);
        int workers = workspace.threads();
        offsets = new Offsets(workspace, layer, weights, shift);
        patches = scratch(workers, reader == null ? 1 : patchRows(tileHeight) * patchColumns(tileWidth), view.c());
        int wholePixels = kernels.wholePanels(tileHeight * tileWidth);
        rowsOfBlock = wholePixels * kernels.wholeSegments(blocks.longest());
        rows = scratch(workers, blocks.count(), rowsOfBlock);
        widened = scratch(workers, blocks.longest(), panelWidth);
        sumsOfPanel = wholePixels * panelWidth;
        sums = scratch(workers * PANELS * wholePixels, 1, panelWidth);

        columns = weights.panels() / step;
        tileCount = result.n() * tilesDown * tilesAcross;
        groups = Math.min(columns, Math.ceilDiv(ITEMS * workers, tileCount)); // few tiles: share out outputs, too
        tiles = new Tile[workers];
        Arrays.setAll(tiles, Tile::new);
    }

    /** The length of parts into which a row of pixels is cut, whole panels of rows. */
    private int partLength(int pixels, int most) {
        return kernels.wholePanels(Math.ceilDiv(pixels, Math.ceilDiv(pixels, most)));
    }

    private HostTensor scratch(int workers, int pixels, int floats) {
        return workspace.memory().tensor(new Shape(1, 1, workers, pixels * floats));
    }

    private int patchRows(int height) {
        return (height - 1) * window.stride() + window.kernel();
    }

    private int patchColumns(int width) {
        return (width - 1) * window.stride() + window.kernel();
    }

    /** Computes all of the output. */
    @Override
    public void run() {
        offsets.compute();
        if (reader != null) {
            reader.begin();
        }
        workspace.parallel(tileCount * groups, compute);
    }

    private void compute(int item, int worker) {
        int group = item / tileCount;
        int from = columns * group / groups * step;
        int to = columns * (group + 1) / groups * step;
        tiles[worker].compute(item % tileCount, from, to);
    }

    /** A tile of output pixels in the hands of one worker, one after the other. */
    private final class Tile {
        private final int patchAt;
        private final int rowsAt;
        private final int widenedAt;
        private final int sumsAt;
        private final int worker;
        private int image;
        private int top;
        private int left;
        private int height;
        private int width;
        private int packedTapRow;

        Tile(int worker) {
            this.worker = worker;
            patchAt = patches.at(worker);
            rowsAt = rows.at(worker);
            widenedAt = widened.at(worker);
            sumsAt = sums.offset() + worker * PANELS * sumsOfPanel;
        }

        void compute(int tile, int firstPanel, int endPanel) {
            image = tile / (tilesDown * tilesAcross);
            top = tile / tilesAcross % tilesDown * tileHeight;
            left = tile % tilesAcross * tileWidth;
            height = Math.min(tileHeight, result.h() - top);
            width = Math.min(tileWidth, result.w() - left);
            packedTapRow = -1;
            if (reader != null) {
                gather(reader);
            }
            for (int panel = firstPanel; panel < endPanel; panel += PANELS) {
                int end = Math.min(panel + PANELS, endPanel);
                multiply(panel, end);
                finish(panel, end);
            }
        }

        private void gather(ViewReader from) {
            float[] patch = patches.data();
            int channels = view.c();
            if (flat) {
                gatherFlat(from, patch);
                return;
            }
            int columns = patchColumns(width);
            int x = left * window.stride() - window.left();
            int y = top * window.stride() - window.top();
            for (int row = 0; row < patchRows(height); row++) {
                int at = patchAt + row * columns * channels;
                from.readPadded(image, y + row, x, columns, 0, channels, patch, at);
            }
        }

        /** Pixels in a row, which may run over rows and images of the view. */
        private void gatherFlat(ViewReader from, float[] patch) {
            int done = 0;
            while (done < width) {
                int pixel = left + done;
                int x = pixel % imageWidth;
                int count = Math.min(width - done, imageWidth - x);
                int row = pixel / imageWidth;
                from.read(row / imageRows, row % imageRows, x, count, patch, patchAt + done * view.c());
                done += count;
            }
        }

        /** The first output pixel of a row. */
        private int pixel(int y) {
            return (image * result.h() + top + y) * result.w() + left;
        }

        /** Some panels of outputs, into sums. */
        private void multiply(int firstPanel, int endPanel) {
            for (int tapRow = 0; tapRow < window.kernel(); tapRow++) {
                if (tapRow != packedTapRow) { // of more panels, a kernel's only row still is
                    pack(tapRow);
                }
                for (int block = 0; block < blocks.count(); block++) {
                    workspace.checkCancelled(); // of a deep layer, even some panels take long
                    for (int panel = firstPanel; panel < endPanel; panel++) {
                        widen(panel, tapRow, block);
                        int at = sumsOf(panel, firstPanel);
                        int direct = direct(panel);
                        if (direct > 0) {
                            multiplyToOutput(panel, block, at, direct);
                        }
                        if (direct < height * width) {
                            multiplyToSums(panel, tapRow, block, at + direct * panelWidth, direct);
                        }
                    }
                }
            }
        }

        /** How many pixels' outputs are written as they are computed, without a detour: what fills panels, each way. */
        private int direct(int panel) {
            return whole(panel) ? width / kernels.panelRows() * kernels.panelRows() : 0;
        }

        /** Whether sums begin with the residual; else it comes last. */
        private boolean whole(int panel) {
            return flat && !weights.paired() && weights.width(panel) == panelWidth;
        }

        private int sumsOf(int panel, int firstPanel) {
            return sumsAt + (panel - firstPanel) * sumsOfPanel;
        }

        /** A block of the depth, of the tile's first pixels: from the residual by way of sums to the output. */
        private void multiplyToOutput(int panel, int block, int at, int pixels) {
            int output = weights.firstOutput(panel);
            HostTensor before = sums;
            int beforeAt = at;
            if (block == 0) {
                before = residual == null ? workspace.zeros() : residual;
                beforeAt = residual == null ? 0 : residual.at(left) + output;
            }
            boolean last = block == blocks.count() - 1;
            int toAt = last ? out.at(left) + output : at;
            multiply(panel, block == 0, block, 0, pixels, before, beforeAt, last ? out : sums, toAt);
        }

        /**
         * A block of the depth, of the pixels from one on, the first of a panel of rows. Its sums are made in the same order as those
         * that go to the output: lest they depend on where in a tile a pixel is.
         */
        private void multiplyToSums(int panel, int tapRow, int block, int at, int from) {
            boolean first = tapRow + block == 0;
            boolean begun = !first;
            if (first && residual != null && whole(panel)) {
                copy(residual, panel, from, at);
                begun = true;
            }
            HostTensor before = begun ? sums : workspace.zeros();
            multiply(panel, first, block, from, height * width - from, before, begun ? at : 0, sums, at);
        }

        private void copy(HostTensor added, int panel, int from, int at) {
            int output = weights.firstOutput(panel);
            for (int i = from; i < width; i++) {
                int to = at + (i - from) * panelWidth;
                System.arraycopy(added.data(), added.at(left + i) + output, sums.data(), to, panelWidth);
            }
        }

        /** @param first whether it is the first of the sums, which begin with the offsets */
        private void multiply(
                int panel,
                boolean first,
                int block,
                int from,
                int pixels,
                HostTensor before,
                int beforeAt,
                HostTensor to,
                int toAt) {
            HostTensor added = first ? offsets.rows() : workspace.zeros();
            int panelStride = kernels.panelStride(blocks.depthOf(block));
            kernels.multiply(
                    rows.data(),
                    rowsOf(block) + kernels.ofRow(from, panelStride),
                    panelStride,
                    widened.data(),
                    widenedAt,
                    blocks.depthOf(block),
                    added.data(),
                    added.at(panel),
                    before.data(),
                    beforeAt,
                    before.stride(),
                    to.data(),
                    toAt,
                    to.stride(),
                    pixels);
        }

        private void pack(int tapRow) {
            for (int block = 0; block < blocks.count(); block++) {
                pack(tapRow, block);
            }
            packedTapRow = tapRow;
        }

        /** Of each pixel a block of a row of taps. */
        private void pack(int tapRow, int block) {
            boolean gathered = reader != null;
            float[] from = gathered ? patches.data() : source.data();
            int pixelStep = gathered ? window.stride() * view.c() : source.stride();
            int rowStep = patchColumns(width) * view.c(); // where not gathered, there is one row
            int count = blocks.depthOf(block);
            int panelStride = kernels.panelStride(count);
            for (int y = 0; y < height; y++) {
                int row = gathered ? patchAt + (y * window.stride() + tapRow) * rowStep : source.at(left);
                for (int x = 0; x < width; x++) {
                    int at = row + x * pixelStep + blocks.begin(block);
                    kernels.pack(
                            from, at, count, rows.data(), rowsOf(block) + kernels.ofRow(y * width + x, panelStride));
                }
            }
        }

        private int rowsOf(int block) {
            return rowsAt + block * rowsOfBlock;
        }

        private void widen(int panel, int tapRow, int block) {
            int row = tapRow * span + blocks.begin(block);
            weights.widen(
                    kernels,
                    panel,
                    row,
                    blocks.depthOf(block),
                    widened.data(),
                    widenedAt,
                    workspace.scratch(worker).halves());
        }

        /** Sums become output. */
        private void finish(int firstPanel, int endPanel) {
            for (int panel = firstPanel; panel < endPanel; panel += step) {
                int at = sumsOf(panel, firstPanel);
                int direct = direct(panel); // where there are any, the tile is one row
                for (int y = 0; y < height; y++) {
                    int row = at + (y * width + direct) * panelWidth;
                    if (weights.paired()) {
                        gegluRow(panel, row, pixel(y));
                    } else if (direct < width) {
                        finishRow(panel, row, pixel(y) + direct, width - direct);
                    }
                }
            }
        }

        private void finishRow(int panel, int at, int pixel, int pixels) {
            int output = weights.firstOutput(panel);
            HostTensor added = whole(panel) ? null : residual;
            kernels.finish(
                    sums.data(),
                    at,
                    panelWidth,
                    added == null ? null : added.data(),
                    added == null ? 0 : added.at(pixel) + output,
                    added == null ? 0 : added.stride(),
                    out.data(),
                    out.at(pixel) + output,
                    out.stride(),
                    pixels,
                    weights.width(panel));
        }

        private void gegluRow(int panel, int at, int pixel) {
            kernels.geglu(
                    sums.data(),
                    at,
                    at + sumsOfPanel,
                    panelWidth,
                    out.data(),
                    out.at(pixel) + weights.firstOutput(panel),
                    out.stride(),
                    width,
                    weights.width(panel));
        }
    }
}
