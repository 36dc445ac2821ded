package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;

/** Computes something for each element by itself; for latents, which are small. */
final class ElementWise implements Operator {
    interface Element {
        void compute(int pixel, int channel);
    }

    private final Workspace workspace;
    private final Shape shape;
    private final Element element;
    private final WorkerTeam.Task all = this::computeAll;

    ElementWise(Workspace workspace, Shape shape, Element element) {
        this.workspace = workspace;
        this.shape = shape;
        this.element = element;
    }

    @Override
    public void run() {
        workspace.parallel(1, all);
    }

    private void computeAll(int item, int worker) {
        for (int pixel = 0; pixel < shape.pixels(); pixel++) {
            for (int c = 0; c < shape.c(); c++) {
                element.compute(pixel, c);
            }
        }
    }
}
