package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;

/** Writes a view out. */
final class Writing implements Operator {
    private static final int PIXELS_IN_ITEM = 256;

    private final Workspace workspace;
    private final HostTensor to;
    private final ViewReader reader;
    private final Shape shape;
    private final int pixels; // of an item
    private final int across; // items in a row
    private final HostTensor rows; // [worker][pixel][channel]
    private final WorkerTeam.Task write = this::write;

    Writing(Workspace workspace, HostTensor to, Input in, Kernels by) {
        this.workspace = workspace;
        this.to = to;
        reader = new ViewReader(in, workspace, by);
        shape = in.shape();
        pixels = Math.min(PIXELS_IN_ITEM, shape.w());
        across = Math.ceilDiv(shape.w(), pixels);
        rows = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), pixels * shape.c()));
    }

    @Override
    public void run() {
        reader.begin();
        workspace.parallel(shape.n() * shape.h() * across, write);
    }

    private void write(int item, int worker) {
        int row = item / across;
        int x = item % across * pixels;
        int count = Math.min(pixels, shape.w() - x);
        int from = rows.at(worker);
        reader.read(row / shape.h(), row % shape.h(), x, count, rows.data(), from);
        for (int i = 0; i < count; i++) {
            int at = to.at(row * shape.w() + x + i);
            System.arraycopy(rows.data(), from + i * shape.c(), to.data(), at, shape.c());
        }
    }
}
