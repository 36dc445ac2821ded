package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Activation;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import org.jspecify.annotations.Nullable;

/** Brings what an operator reads into the form that a library can read: as it lies where that will do, else written out. */
final class ViewWriter {
    private static final int WARP = 32;
    private static final int THREADS = 256;
    private static final int MOST_PIXEL_BLOCKS = 1 << 14;
    private static final int LAYER_NORM_WARPS = 8;

    /** As write_view.cuh's: bytes that a thread moves at once, and pixels that it has in flight. */
    private static final int VIEW_PACK = 8;

    private static final int VIEW_PIXELS = 8;

    /** As group_norm.cuh's: threads of a block, and bytes in front of a group. */
    private static final int GROUP_THREADS = 512;

    private static final int GROUP_SUMS = 256;

    /** Blocks that each multiprocessor takes at the same time. */
    private static final int STATISTICS_BLOCKS = 3;

    /** Pixels that a block of group statistics takes at least: below that, starting it costs more. */
    private static final int FEWEST_PIXELS = 32;

    private final CudaOps ops;

    ViewWriter(CudaOps ops) {
        this.ops = ops;
    }

    /** The view, read in place if it is a tensor as it lies. */
    DeviceTensor read(Input in) {
        return in.plain() ? DeviceTensor.of(in.first()) : written(in);
    }

    private DeviceTensor written(Input in) {
        DeviceTensor out = ops.memory().tensor(in.shape(), ops.precision());
        write(out, in, 0, 0);
        return out;
    }

    /**
     * The view as a convolution wants it: with zeros around it where the padding is not the same on opposite sides, which cuDNN
     * does not know, and in channels up to {@code channels}.
     */
    DeviceTensor read(Input in, Window window, int channels) {
        boolean border = !symmetric(window);
        if (in.plain()
                && !border
                && channels == in.channels()
                && DeviceTensor.of(in.first()).dense()) {
            return DeviceTensor.of(in.first());
        }
        Shape seen = in.shape();
        Shape shape = border
                ? seen.withSize(seen.h() + window.top() + window.bottom(), seen.w() + window.left() + window.right())
                : seen;
        DeviceTensor out = ops.memory().tensor(shape.withChannels(channels), ops.precision());
        write(out, in, border ? window.top() : 0, border ? window.left() : 0);
        return out;
    }

    static boolean symmetric(Window window) {
        return window.top() == window.bottom() && window.left() == window.right();
    }

    void write(DeviceTensor out, Input in, int top, int left) {
        Norm norm = in.norm();
        if (norm == null) {
            writeView(out, in, top, left, null, 0);
            return;
        }
        CudaNorm own = PreparedWeights.own(norm, CudaNorm.class);
        if (!own.overGroups()) {
            layerNorm(out, in, top, left, own);
        } else if (!normalised(out, in, own)) {
            writeView(out, in, top, left, own, groupScales(in, own));
        }
    }

    /** Normalises groups that fit a block's memory, each read once. */
    private boolean normalised(DeviceTensor out, Input in, CudaNorm norm) {
        Shape source = in.first().shape();
        int pixels = source.h() * source.w();
        int bytes = in.channels() / norm.groups() * ops.precision().bytes();
        if (!plain(out, in) || !wide(in) || !out.wide() || bytes % 4 != 0) {
            return false;
        }
        int packBytes = Math.min(Integer.lowestOneBit(bytes), 16); // at multiples of which every group begins
        int packs = bytes / packBytes;
        int step = WARP / Math.min(Integer.lowestOneBit(packs), WARP); // pixels that make whole warps
        int down = GROUP_THREADS / (packs * step) * step;
        long held = (long) Math.ceilDiv(pixels, Math.max(down, 1)) * down * bytes;
        if (down == 0 || held + GROUP_SUMS > ops.device().sharedBytes()) {
            return false;
        }
        Arguments arguments = weights(view(in), norm);
        to(arguments, out, 0, 0)
                .number(number(in.activation()))
                .number((float) norm.eps())
                .number(packBytes);
        int shared = GROUP_SUMS + (int) held;
        ops.launch("group_norm", new Launch(norm.groups(), source.n(), 1, packs, down, shared), arguments);
        return true;
    }

    /** Means and deviations, [images, groups] of 16 bytes. */
    private long groupScales(Input in, CudaNorm norm) {
        Shape source = in.first().shape();
        int pixels = source.h() * source.w();
        int channels = in.channels();
        boolean wide = wide(in);
        int pack = wide ? ops.precision().wide() : 1;
        int packs = Math.ceilDiv(channels, pack);
        int across = packs > 16 ? 32 : packs > 8 ? 16 : 8;
        int down = THREADS / across;
        int columns = Math.ceilDiv(packs, across);
        int wanted = Math.max(STATISTICS_BLOCKS * ops.device().multiprocessors() / (columns * source.n()), 1);
        int perBlock = Math.max(Math.ceilDiv(pixels, wanted), Math.max(FEWEST_PIXELS, down));
        int blocks = Math.ceilDiv(pixels, perBlock);
        long partial = ops.memory().take(16L * source.n() * blocks * columns * norm.groups());
        long scales = ops.memory().take(16L * source.n() * norm.groups());
        Arguments statistics = view(in.resized(source.h(), source.w()))
                .address(partial)
                .number(norm.groups())
                .number(perBlock)
                .flag(wide);
        ops.launch("group_statistics", new Launch(blocks, source.n(), columns, across, down, 0), statistics);
        Arguments finish = new Arguments()
                .address(partial)
                .address(scales)
                .number(blocks)
                .number(columns)
                .number(across * pack)
                .number(channels / norm.groups())
                .number((float) norm.eps());
        int threads = blocks < THREADS ? WARP : THREADS;
        ops.launchUntyped("group_finish", new Launch(norm.groups(), source.n(), 1, threads, 1, 0), finish);
        return scales;
    }

    private void writeView(DeviceTensor out, Input in, int top, int left, @Nullable CudaNorm norm, long scales) {
        boolean wide = wide(in) && out.wide();
        Arguments arguments = weights(view(in).address(scales), norm);
        to(arguments, out, top, left)
                .number(norm == null ? 1 : norm.groups())
                .number(number(in.activation()))
                .flag(plain(out, in))
                .flag(wide);
        Shape shape = out.shape();
        int packs = Math.ceilDiv(shape.c(), wide ? VIEW_PACK / ops.precision().bytes() : 1);
        int across = Math.min(packs, 64);
        int down = Math.max(THREADS / across, 1);
        int columns = Math.ceilDiv(packs, across);
        int pixels = shape.h() * shape.w();
        // some pixels a thread, which reads the normalisation of its channels once, if that leaves every multiprocessor
        // some work
        int most = Math.max(
                Math.ceilDiv(pixels, VIEW_PIXELS * down), 8 * ops.device().multiprocessors() / columns);
        int blocks = Math.clamp(Math.ceilDiv(pixels, down), 1, most);
        ops.launch("write_view", new Launch(blocks, shape.n(), columns, across, down, 0), arguments);
    }

    private void layerNorm(DeviceTensor out, Input in, int top, int left, CudaNorm norm) {
        boolean wide = wide(in) && out.wide();
        Arguments arguments = weights(view(in), norm);
        to(arguments, out, top, left)
                .number(out.shape().n())
                .number(number(in.activation()))
                .number((float) norm.eps())
                .flag(wide);
        int blocks = Math.clamp(Math.ceilDiv(out.shape().pixels(), LAYER_NORM_WARPS), 1, MOST_PIXEL_BLOCKS);
        ops.launch("layer_norm", new Launch(blocks, 1, 1, 32, LAYER_NORM_WARPS, 0), arguments);
    }

    /** Whether pixels and channels are those of the source. */
    private static boolean plain(DeviceTensor out, Input in) {
        Shape source = in.first().shape();
        return in.height() == source.h()
                && in.width() == source.w()
                && out.shape().equals(in.shape());
    }

    private boolean wide(Input in) {
        DeviceTensor second = DeviceTensor.ofNullable(in.second());
        return DeviceTensor.of(in.first()).wide() && (second == null || second.wide());
    }

    /** As storage.cuh's Activation. */
    private static int number(Activation activation) {
        return switch (activation) {
            case NONE -> 0;
            case SILU -> 1;
            case GELU -> 2;
            case QUICK_GELU -> 3;
        };
    }

    /** A normalisation's weights and biases; none while measuring, before which they need not be loaded. */
    private Arguments weights(Arguments arguments, @Nullable CudaNorm norm) {
        if (norm == null || ops.measures()) {
            return arguments.address(0).address(0);
        }
        return arguments.address(norm.weight()).address(norm.bias());
    }

    /** As view.cuh's View. */
    private static Arguments view(Input in) {
        DeviceTensor first = DeviceTensor.of(in.first());
        DeviceTensor second = DeviceTensor.ofNullable(in.second());
        return new Arguments()
                .address(first.address())
                .address(second == null ? 0 : second.address())
                .number(first.stride())
                .number(second == null ? 0 : second.stride())
                .number(first.shape().c())
                .number(in.channels())
                .number(first.shape().h())
                .number(first.shape().w())
                .number(in.height())
                .number(in.width());
    }

    /** As view.cuh's Written. */
    private static Arguments to(Arguments arguments, DeviceTensor out, int top, int left) {
        return arguments
                .address(out.address())
                .number(out.stride())
                .number(out.shape().c())
                .number(out.shape().h())
                .number(out.shape().w())
                .number(top)
                .number(left);
    }
}
