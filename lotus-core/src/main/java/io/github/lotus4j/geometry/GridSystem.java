package io.github.lotus4j.geometry;

import java.util.Arrays;

/**
 * A symmetric positive semidefinite system on a grid of pixels, each coupled to its four neighbours, and its solution by conjugate
 * gradients, preconditioned by a modified incomplete Cholesky factor of the same pattern. Gustafsson 1978; Bridson 2015, 5.3.
 */
final class GridSystem {
    /** How much of the fill-in that is dropped goes into the diagonal. */
    private static final double MODIFIED = 0.97;
    /** A pivot below this share of the diagonal is replaced by the diagonal. */
    private static final double SMALLEST_PIVOT = 0.25;

    private final int width;
    private final int pixels;
    final double[] diagonal;
    /** The coupling of a pixel to the next in its row; 0 at the row's end. */
    final double[] right;
    /** The coupling of a pixel to the one below. */
    final double[] down;

    final double[] rightHandSide;
    private final double[] inversePivot;
    private final double[] residual;
    private final double[] preconditioned;
    private final double[] direction;
    private final double[] product;

    GridSystem(int width, int height) {
        this.width = width;
        pixels = width * height;
        diagonal = new double[pixels];
        right = new double[pixels];
        down = new double[pixels];
        rightHandSide = new double[pixels];
        inversePivot = new double[pixels];
        residual = new double[pixels];
        preconditioned = new double[pixels];
        direction = new double[pixels];
        product = new double[pixels];
    }

    /** Nothing coupled to anything. */
    void clear() {
        for (double[] each : new double[][] {diagonal, right, down, rightHandSide}) {
            Arrays.fill(each, 0);
        }
    }

    /**
     * Improves a solution; pixels with nothing on the diagonal stay as they are.
     *
     * @param tolerance the residual's length at which it is good, as a share of the right-hand side's
     */
    void solve(double[] solution, double tolerance, int mostSteps) {
        factor();
        multiply(solution);
        for (int i = 0; i < pixels; i++) {
            residual[i] = rightHandSide[i] - product[i];
        }
        double good = tolerance * tolerance * dot(rightHandSide, rightHandSide);
        precondition();
        System.arraycopy(preconditioned, 0, direction, 0, pixels);
        double progress = dot(residual, preconditioned);
        for (int step = 0; step < mostSteps && dot(residual, residual) > good; step++) {
            multiply(direction);
            double length = progress / dot(direction, product);
            for (int i = 0; i < pixels; i++) {
                solution[i] += length * direction[i];
                residual[i] -= length * product[i];
            }
            precondition();
            double next = dot(residual, preconditioned);
            double keep = next / progress;
            progress = next;
            for (int i = 0; i < pixels; i++) {
                direction[i] = preconditioned[i] + keep * direction[i];
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** product = matrix · x. */
    private void multiply(double[] x) {
        for (int i = 0; i < pixels; i++) {
            double sum = diagonal[i] * x[i];
            if (i > 0) {
                sum += right[i - 1] * x[i - 1];
            }
            if (i >= width) {
                sum += down[i - width] * x[i - width];
            }
            if (i + 1 < pixels) {
                sum += right[i] * x[i + 1];
            }
            if (i + width < pixels) {
                sum += down[i] * x[i + width];
            }
            product[i] = sum;
        }
    }

    private void factor() {
        for (int i = 0; i < pixels; i++) {
            double pivot = diagonal[i];
            if (i > 0) {
                double row = right[i - 1] * inversePivot[i - 1];
                pivot -= row * row + MODIFIED * row * down[i - 1] * inversePivot[i - 1];
            }
            if (i >= width) {
                double column = down[i - width] * inversePivot[i - width];
                pivot -= column * column + MODIFIED * column * right[i - width] * inversePivot[i - width];
            }
            if (pivot < SMALLEST_PIVOT * diagonal[i]) {
                pivot = diagonal[i];
            }
            inversePivot[i] = pivot > 0 ? 1 / Math.sqrt(pivot) : 0;
        }
    }

    /** Forward, then backward substitution with the factor. */
    private void precondition() {
        for (int i = 0; i < pixels; i++) {
            double value = residual[i];
            if (i > 0) {
                value -= right[i - 1] * inversePivot[i - 1] * preconditioned[i - 1];
            }
            if (i >= width) {
                value -= down[i - width] * inversePivot[i - width] * preconditioned[i - width];
            }
            preconditioned[i] = value * inversePivot[i];
        }
        for (int i = pixels - 1; i >= 0; i--) {
            double value = preconditioned[i];
            if (i + 1 < pixels) {
                value -= right[i] * inversePivot[i] * preconditioned[i + 1];
            }
            if (i + width < pixels) {
                value -= down[i] * inversePivot[i] * preconditioned[i + width];
            }
            preconditioned[i] = value * inversePivot[i];
        }
    }
}
