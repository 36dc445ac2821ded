package io.github.lotus4j.geometry;

import java.util.Arrays;

/**
 * A symmetric system on a grid of pixels, each coupled to its four neighbours and perhaps held to a value, nothing of it negative:
 *
 * <pre>ground[i] x[i] + Σ coupling[i, j] (x[i] - x[j]) = rightHandSide[i]     over the neighbours j of i</pre>
 *
 * A part of the grid that nothing holds has a free constant. Cells of 2×2 pixels that share one value each are such a system again:
 * what holds them, and what couples them, adds up, and couplings within a cell fall away. Braess 1995, "Towards algebraic multigrid
 * for elliptic problems of second order".
 */
final class GridSystem {
    /** A diagonal of at most this share of the pixels' own, which it is what is left of, is too small to divide rounding errors by. */
    private static final double ROUNDING = 1e-10;

    final int width;
    final int height;
    final int pixels;
    final double[] ground;
    /** The coupling of a pixel to the next in its row; 0 at the row's end. */
    final double[] right;
    /** The coupling of a pixel to the one below; 0 in the last row. */
    final double[] down;

    final double[] rightHandSide;
    /** The sum of the diagonals, in the finest grid, of the pixels of a cell. */
    private final double[] origin;

    private final double[] diagonal;
    /** Of the diagonal; 0 where a pixel stays as it is. */
    private final double[] inverse;

    GridSystem(int width, int height) {
        this.width = width;
        this.height = height;
        pixels = width * height;
        ground = new double[pixels];
        right = new double[pixels];
        down = new double[pixels];
        rightHandSide = new double[pixels];
        origin = new double[pixels];
        diagonal = new double[pixels];
        inverse = new double[pixels];
    }

    /** Nothing coupled to anything. */
    void clear() {
        for (double[] each : new double[][] {ground, right, down, rightHandSide, origin}) {
            Arrays.fill(each, 0);
        }
    }

    /** To be called when ground and couplings are set, before anything below. */
    void complete() {
        for (int i = 0; i < pixels; i++) {
            double left = i > 0 ? right[i - 1] : 0;
            double up = i >= width ? down[i - width] : 0;
            diagonal[i] = ground[i] + left + up + right[i] + down[i];
            origin[i] = Math.max(origin[i], diagonal[i]);
            double smallest = Math.max(ROUNDING * origin[i], Double.MIN_NORMAL);
            inverse[i] = diagonal[i] > smallest ? 1 / diagonal[i] : 0;
        }
    }

    /** A grid for this one's cells, with nothing set. */
    GridSystem coarser() {
        return new GridSystem((width + 1) / 2, (height + 1) / 2);
    }

    /** Sets and completes the cells' system but for its right-hand side. */
    void coarsen(GridSystem coarse) {
        coarse.clear();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                int cell = coarse.cell(x, y);
                coarse.ground[cell] += ground[i];
                coarse.origin[cell] += origin[i];
                coarse.right[cell] += x % 2 == 1 ? right[i] : 0;
                coarse.down[cell] += y % 2 == 1 ? down[i] : 0;
            }
        }
        coarse.complete();
    }

    private int cell(int fineX, int fineY) {
        return fineY / 2 * width + fineX / 2;
    }

    /** product = matrix · x. */
    void multiply(double[] x, double[] product) {
        for (int i = 0; i < pixels; i++) {
            double sum = diagonal[i] * x[i];
            if (i > 0) {
                sum -= right[i - 1] * x[i - 1];
            }
            if (i >= width) {
                sum -= down[i - width] * x[i - width];
            }
            if (i + 1 < pixels) {
                sum -= right[i] * x[i + 1];
            }
            if (i + width < pixels) {
                sum -= down[i] * x[i + width];
            }
            product[i] = sum;
        }
    }

    /** A sweep of Gauss–Seidel from zero: x of {@code (lower triangle) · x = b}. */
    void sweepForward(double[] b, double[] x) {
        double before = 0;
        double left = 0;
        for (int i = 0; i < pixels; i++) {
            double sum = b[i];
            if (i >= width) {
                sum += down[i - width] * x[i - width];
            }
            // only the last sum and product wait for the pixel before
            before = sum * inverse[i] + left * inverse[i] * before;
            x[i] = before;
            left = right[i];
        }
    }

    /** A sweep the other way, from x. */
    void sweepBackward(double[] b, double[] x) {
        double after = 0;
        for (int i = pixels - 1; i >= 0; i--) {
            double sum = b[i];
            if (i > 0) {
                sum += right[i - 1] * x[i - 1];
            }
            if (i >= width) {
                sum += down[i - width] * x[i - width];
            }
            if (i + width < pixels) {
                sum += down[i] * x[i + width];
            }
            after = sum * inverse[i] + right[i] * inverse[i] * after;
            x[i] = after;
        }
    }

    /** The cells' right-hand side: what is left of b after {@link #sweepForward}, which is {@code -(upper triangle) · x}. */
    void restrict(double[] x, GridSystem coarse) {
        double[] sums = coarse.rightHandSide;
        Arrays.fill(sums, 0);
        for (int i = 0, row = 0; row < height; row++) {
            for (int column = 0; column < width; column++, i++) {
                double left = i + 1 < pixels ? right[i] * x[i + 1] : 0;
                double leftBelow = i + width < pixels ? down[i] * x[i + width] : 0;
                sums[coarse.cell(column, row)] += inverse[i] > 0 ? left + leftBelow : 0;
            }
        }
    }

    /** Adds to each pixel of x its cell's value. */
    void prolong(double[] values, GridSystem coarse, double[] x) {
        for (int i = 0, row = 0; row < height; row++) {
            for (int column = 0; column < width; column++, i++) {
                x[i] += inverse[i] > 0 ? values[coarse.cell(column, row)] : 0;
            }
        }
    }
}
