package io.github.lotus4j.geometry;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * About the inverse of a {@link GridSystem}: a sweep of Gauss–Seidel forward, a correction of what is left by the cells of 2×2 pixels,
 * and a sweep backward. The cells' own system is solved by the same, improved by one or two steps of conjugate directions (the
 * K-cycle), which make up for the correction's being constant in each cell, so that it is as good for large grids as for small ones;
 * as each coarser grid has a quarter of the pixels, all of them together cost about what the finest one does. Notay 2010, "An
 * aggregation-based algebraic multigrid method"; Notay and Vassilevski 2008, "Recursive Krylov-based multigrid cycles".
 */
final class Multigrid {
    /** The second step is taken if more than this share of the right-hand side's length is left: Notay's. */
    private static final double ENOUGH = 0.25;
    /** A second direction that has at most this share of its own, beside the first one's, is the first with rounding errors. */
    private static final double ROUNDING = 1e-10;

    private final GridSystem grid;
    private final @Nullable Multigrid coarser;
    /** A first and a second direction, and the matrix times these; the solution ends up in the first. */
    private final double[] first;

    private final double[] firstProduct;
    private final double[] second;
    private final double[] secondProduct;

    Multigrid(GridSystem finest) {
        this(finest, 0);
    }

    private Multigrid(GridSystem grid, int pixels) {
        this.grid = grid;
        first = new double[pixels];
        firstProduct = new double[pixels];
        second = new double[pixels];
        secondProduct = new double[pixels];
        if (grid.pixels > 1) {
            GridSystem coarse = grid.coarser();
            coarser = new Multigrid(coarse, coarse.pixels);
        } else {
            coarser = null;
        }
    }

    /** To be called when the finest grid's system is complete. */
    void update() {
        if (coarser != null) {
            grid.coarsen(coarser.grid);
            coarser.update();
        }
    }

    /** Sets x to about the solution of {@code matrix · x = b}. Not quite linear in b, as the number of coarse steps varies. */
    void apply(double[] b, double[] x) {
        grid.sweepForward(b, x);
        if (coarser != null) {
            grid.restrict(x, coarser.grid);
            coarser.solve();
            grid.prolong(coarser.first, coarser.grid, x);
        }
        grid.sweepBackward(b, x);
    }

    /** Sets {@code first} to about the solution for the grid's right-hand side, of which only what is left remains. */
    private void solve() {
        double[] left = grid.rightHandSide;
        double all = dot(left, left);
        apply(left, first);
        grid.multiply(first, firstProduct);
        double curvature = dot(first, firstProduct);
        if (!(curvature > 0)) {
            Arrays.fill(first, 0);
            return;
        }
        double ofFirst = dot(first, left) / curvature;
        double ofSecond = 0;
        for (int i = 0; i < left.length; i++) {
            left[i] -= ofFirst * firstProduct[i];
        }
        if (dot(left, left) > ENOUGH * ENOUGH * all) {
            apply(left, second);
            grid.multiply(second, secondProduct);
            double shared = dot(second, firstProduct) / curvature;
            double both = dot(second, secondProduct);
            double own = both - shared * shared * curvature;
            ofSecond = own > ROUNDING * both ? dot(second, left) / own : 0;
            ofFirst -= shared * ofSecond;
        }
        for (int i = 0; i < left.length; i++) {
            first[i] = ofFirst * first[i] + ofSecond * second[i];
        }
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
