package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions and linear layers as an implicit matrix product, NHWC.
 *
 * <p>Work is cut into tiles of output pixels. A tile's input patch is gathered once (normalised, activated, padded) into cache;
 * then, for a panel of outputs, a block of weights is widened into cache and multiplied with every pixel. Within a patch
 * the kernel's taps on one row lie one after the other, so that a tap row is one long dot product.
 */
final class Convolution {
    /** Output pixels of a tile: enough to hide the reading and widening of the weights. */
    private static final int TILE_PIXELS = 256;

    private static final int TILE_SIDE = 16;
    /** Floats of a patch: with weights and sums, what fits a second-level cache of 1 MB. */
    private static final int PATCH_LIMIT = 160 * 1024;
    /** Rows of weights that are widened at a time. */
    private static final int DEPTH_BLOCK = 256;

    private final CpuOps ops;
    private final Kernels kernels;
    private final HostTensor out;
    private final CpuLayer layer;
    private final PackedMatrix weights;
    private final @Nullable HostTensor shift;
    private final @Nullable HostTensor residual;

    private final Window window;
    private final Shape view; // as the layer sees its input; for a 1×1 kernel all pixels in one row
    private final Shape result;
    private final int imageWidth;
    private final int imageRows;
    private final @Nullable ViewReader reader; // absent where the input can be used as it lies
    private final HostTensor source;

    private final int panelWidth;
    private final int tileHeight;
    private final int tileWidth;
    private final int tilesAcross;
    private final int tilesDown;
    private final HostTensor patches;
    private final HostTensor blocks;
    private final HostTensor sums;
    private final int depthBlock;

    Convolution(
            CpuOps ops,
            HostTensor out,
            Input in,
            CpuLayer layer,
            PackedMatrix weights,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual) {
        this.ops = ops;
        kernels = ops.kernels();
        panelWidth = kernels.panelWidth();
        this.out = out;
        this.layer = layer;
        this.weights = weights;
        this.shift = shift;
        this.residual = residual;
        window = layer.window();
        source = HostTensor.of(in.first());
        boolean flat = window.equals(Window.POINT) && !in.resized();
        reader = flat && in.plain() ? null : new ViewReader(in, ops);
        Shape seen = in.shape();
        view = flat ? new Shape(1, 1, seen.pixels(), seen.c()) : seen;
        result = flat ? new Shape(1, 1, seen.pixels(), out.shape().c()) : out.shape();
        imageWidth = seen.w();
        imageRows = seen.h();

        int width = flat ? TILE_PIXELS : Math.min(TILE_SIDE, result.w());
        int height = flat ? 1 : Math.min(TILE_PIXELS / width, result.h());
        while (reader != null && patchFloats(height, width) > PATCH_LIMIT && height * width > kernels.rowTile()) {
            if (height > 1) {
                height = (height + 1) / 2;
            } else {
                width = (width + 1) / 2;
            }
        }
        tileHeight = height;
        tileWidth = Math.min(width, result.w());
        tilesAcross = Math.ceilDiv(result.w(), tileWidth);
        tilesDown = Math.ceilDiv(result.h(), tileHeight);

        int workers = ops.threads();
        depthBlock = Math.min(DEPTH_BLOCK, window.kernel() * view.c());
        patches = scratch(workers, reader == null ? 1 : patchFloats(tileHeight, tileWidth));
        blocks = scratch(workers, (long) depthBlock * panelWidth);
        sums = scratch(workers, (long) tileHeight * tileWidth * panelWidth * (weights.paired() ? 2 : 1));
    }

    private HostTensor scratch(int workers, long floats) {
        return ops.memory().tensor(new Shape(1, 1, workers, Math.toIntExact(floats)));
    }

    private long patchFloats(int height, int width) {
        return (long) patchRows(height) * patchColumns(width) * view.c();
    }

    private int patchRows(int height) {
        return (height - 1) * window.stride() + window.kernel();
    }

    private int patchColumns(int width) {
        return (width - 1) * window.stride() + window.kernel();
    }

    /** Computes all of the output. */
    void run() {
        int step = weights.paired() ? 2 : 1;
        int columns = weights.panels() / step;
        int tiles = result.n() * tilesDown * tilesAcross;
        int groups =
                Math.min(columns, Math.ceilDiv(4 * ops.threads(), tiles)); // few tiles: share out the outputs as well
        ops.parallel(tiles * groups, (item, worker) -> {
            int tile = item / groups;
            int group = item % groups;
            int from = columns * group / groups * step;
            int to = columns * (group + 1) / groups * step;
            new Tile(tile, worker).compute(from, to, step);
        });
    }

    /** One tile of output pixels in the hands of one worker. */
    private final class Tile {
        private final int image;
        private final int top;
        private final int left;
        private final int height;
        private final int width;
        private final int patchAt;
        private final int blockAt;
        private final int sumsAt;

        Tile(int tile, int worker) {
            image = tile / (tilesDown * tilesAcross);
            top = tile / tilesAcross % tilesDown * tileHeight;
            left = tile % tilesAcross * tileWidth;
            height = Math.min(tileHeight, result.h() - top);
            width = Math.min(tileWidth, result.w() - left);
            patchAt = patches.at(worker);
            blockAt = blocks.at(worker);
            sumsAt = sums.at(worker);
        }

        void compute(int firstPanel, int endPanel, int step) {
            if (reader != null) {
                gather(reader);
            }
            int pixels = height * width;
            for (int panel = firstPanel; panel < endPanel; panel += step) {
                for (int i = 0; i < step; i++) {
                    multiply(panel + i, sumsAt + i * pixels * panelWidth);
                    addBias(panel + i, sumsAt + i * pixels * panelWidth);
                }
                if (weights.paired()) {
                    float[] data = sums.data();
                    kernels.multiplyByGelu(data, sumsAt, data, sumsAt + pixels * panelWidth, pixels * panelWidth);
                }
                write(panel);
            }
        }

        private void gather(ViewReader from) {
            float[] patch = patches.data();
            int channels = view.c();
            if (view.h() == 1 && view.n() == 1 && window.kernel() == 1) {
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

        private void multiply(int panel, int at) {
            int channels = view.c();
            int span = window.kernel() * channels; // a tap row
            boolean gathered = reader != null;
            float[] a = gathered ? patches.data() : source.data();
            int columns = patchColumns(width) * channels;
            int pixel = gathered ? window.stride() * channels : source.stride();
            for (int tapRow = 0; tapRow < window.kernel(); tapRow++) {
                for (int k = 0; k < span; k += depthBlock) {
                    int depth = Math.min(depthBlock, span - k);
                    weights.widen(kernels, panel, tapRow * span + k, depth, blocks.data(), blockAt);
                    boolean accumulate = tapRow > 0 || k > 0;
                    for (int y = 0; y < height; y++) {
                        int row = gathered ? patchAt + (y * window.stride() + tapRow) * columns : source.at(left);
                        kernels.multiply(
                                a,
                                row + k,
                                pixel,
                                blocks.data(),
                                blockAt,
                                depth,
                                sums.data(),
                                at + y * width * panelWidth,
                                panelWidth,
                                width,
                                accumulate);
                    }
                }
            }
        }

        private void addBias(int panel, int at) {
            int first = weights.firstOutput(panel);
            int count = weights.width(panel);
            for (int pixel = 0; pixel < height * width; pixel++) {
                kernels.add(sums.data(), at + pixel * panelWidth, layer.bias(), first, count);
                if (shift != null) {
                    kernels.add(sums.data(), at + pixel * panelWidth, shift.data(), shift.offset() + first, count);
                }
            }
        }

        private void write(int panel) {
            int first = weights.firstOutput(panel);
            int count = weights.width(panel);
            for (int y = 0; y < height; y++) {
                int start = (image * result.h() + top + y) * result.w() + left;
                for (int x = 0; x < width; x++) {
                    int sum = sumsAt + (y * width + x) * panelWidth;
                    if (residual != null) {
                        kernels.add(sums.data(), sum, residual.data(), residual.at(start + x) + first, count);
                    }
                    System.arraycopy(sums.data(), sum, out.data(), out.at(start + x) + first, count);
                }
            }
        }
    }
}
