package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Grid systems whose solution is known: from elimination, or because the right-hand side was made from it. */
class ConjugateGradientsTest {
    private static final int MOST_STEPS = 500;

    /** A grid with couplings between pixels of the mask, from 1 down to the weakest. */
    private static GridSystem system(int width, boolean[] mask, Random random, double weakest) {
        GridSystem system = new GridSystem(width, mask.length / width);
        for (int i = 0; i < mask.length; i++) {
            if (mask[i] && (i + 1) % width > 0 && mask[i + 1]) {
                system.right[i] = Math.pow(weakest, random.nextDouble());
            }
            if (mask[i] && i + width < mask.length && mask[i + width]) {
                system.down[i] = Math.pow(weakest, random.nextDouble());
            }
        }
        return system;
    }

    private static double[] random(int count, Random random) {
        return random.doubles(count, -1, 1).toArray();
    }

    /** The right-hand side to which x is a solution: written anew, not by the system's own product. */
    private static double[] product(GridSystem system, double[] x) {
        double[] product = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            product[i] += system.ground[i] * x[i];
            couple(product, x, i, i + 1, system.right[i]);
            couple(product, x, i, i + system.width, system.down[i]);
        }
        return product;
    }

    private static void couple(double[] product, double[] x, int i, int next, double coupling) {
        if (coupling > 0) {
            product[i] += coupling * (x[i] - x[next]);
            product[next] += coupling * (x[next] - x[i]);
        }
    }

    /** Gaussian elimination with pivots; what has no pivot left is free, and set to 0. */
    private static double[] eliminate(GridSystem system) {
        int n = system.pixels;
        double[][] rows = new double[n][];
        for (int column = 0; column < n; column++) {
            double[] unit = new double[n];
            unit[column] = 1;
            rows[column] = Arrays.copyOf(product(system, unit), n + 1); // symmetric: a column is a row
            rows[column][n] = system.rightHandSide[column];
        }
        int[] rowOf = new int[n];
        int done = 0;
        for (int column = 0; column < n; column++) {
            int pivot = done;
            for (int row = done; row < n; row++) {
                pivot = Math.abs(rows[row][column]) > Math.abs(rows[pivot][column]) ? row : pivot;
            }
            rowOf[column] = -1;
            if (done < n && Math.abs(rows[pivot][column]) > 1e-9) {
                double[] swapped = rows[pivot];
                rows[pivot] = rows[done];
                rows[done] = swapped;
                for (int row = 0; row < n; row++) {
                    double share = row == done ? 0 : rows[row][column] / swapped[column];
                    for (int each = column; share != 0 && each <= n; each++) {
                        rows[row][each] -= share * swapped[each];
                    }
                }
                rowOf[column] = done++;
            }
        }
        double[] solution = new double[n];
        for (int i = 0; i < n; i++) {
            solution[i] = rowOf[i] < 0 ? 0 : rows[rowOf[i]][n] / rows[rowOf[i]][i];
        }
        return solution;
    }

    /** Odd sizes, lines, holes and parts of their own; held to values or free, each part by a constant; couplings as at edges. */
    @ParameterizedTest
    @CsvSource({
        "1, 1", "1, 2", "2, 1", "1, 17", "23, 1", "2, 2", "3, 3", "5, 4", "7, 11", "16, 9", "13, 13", "2, 31", "17, 16"
    })
    void solutionIsThatOfElimination(int width, int height) {
        for (int variant = 0; variant < 12; variant++) {
            Random random = new Random(1000L * width + 20L * height + variant);
            boolean[] mask = new boolean[width * height];
            for (int i = 0; i < mask.length; i++) {
                boolean hole = variant % 3 > 0 && random.nextInt(4) == 0;
                boolean cut = variant % 3 > 1 && i % width == width / 2;
                mask[i] = !hole && !cut;
            }
            GridSystem system = system(width, mask, random, variant % 2 == 0 ? 1 : 1e-4);
            boolean held = variant >= 6;
            for (int i = 0; held && i < mask.length; i++) {
                system.ground[i] = mask[i] ? 0.01 * random.nextDouble() : 0;
            }
            double[] right = product(system, random(mask.length, random));
            System.arraycopy(right, 0, system.rightHandSide, 0, right.length);
            double[] expected = eliminate(system);
            double[] found = random(mask.length, random);
            double[] before = found.clone();
            new ConjugateGradients(system).solve(found, 1e-11, MOST_STEPS);
            for (int i = 0; i < mask.length; i++) {
                if (!mask[i]) {
                    assertThat(found[i]).isEqualTo(before[i]);
                }
            }
            if (!held) {
                new ConnectedParts(width, mask).center(expected);
                new ConnectedParts(width, mask).center(found);
            }
            for (int i = 0; i < mask.length; i++) {
                if (mask[i]) {
                    assertThat(found[i]).as("variant %d, pixel %d", variant, i).isCloseTo(expected[i], within(1e-6));
                }
            }
        }
    }

    /** Of a disc before a background, the couplings across its edge times {@code edge}, and noise in the others. */
    private static int steps(int side, double edge, double tolerance) {
        boolean[] mask = new boolean[side * side];
        Arrays.fill(mask, true);
        Random random = new Random(side);
        GridSystem system = system(side, mask, random, 0.5);
        for (int i = 0; i < mask.length; i++) {
            system.right[i] *= inDisc(i, side) == inDisc(i + 1, side) ? 1 : edge;
            system.down[i] *= inDisc(i, side) == inDisc(i + side, side) ? 1 : edge;
        }
        double[] smooth = new double[mask.length];
        for (int i = 0; i < smooth.length; i++) {
            int row = i / side;
            smooth[i] = Math.sin(3.0 * row / side) + i % side / (double) side + (inDisc(i, side) ? 2 : 0);
        }
        double[] right = product(system, smooth);
        System.arraycopy(right, 0, system.rightHandSide, 0, right.length);
        double[] found = new double[mask.length];
        int steps = new ConjugateGradients(system).solve(found, tolerance, MOST_STEPS);
        double[] left = product(system, found);
        double square = 0;
        for (int i = 0; i < left.length; i++) {
            square += (left[i] - right[i]) * (left[i] - right[i]);
        }
        assertThat(square).isLessThan(1.01 * tolerance * tolerance * Multigrid.dot(right, right));
        return steps;
    }

    private static boolean inDisc(int i, int side) {
        int row = i / side;
        return Math.hypot(i % side - 0.53 * side, row - 0.46 * side) < 0.31 * side;
    }

    /** With a plain V-cycle they grow with the side, and more so without coarser grids. */
    @Test
    void stepsDoNotGrowWithTheSize() {
        for (int side : new int[] {33, 64, 127, 250, 509}) {
            assertThat(steps(side, 1, 1e-6)).as("side %d", side).isLessThanOrEqualTo(11);
        }
    }

    /** Cells that lie across an edge cost some, at the accuracy with which normals are integrated. */
    @Test
    void stepsHardlyGrowWithTheLengthOfEdges() {
        for (int side : new int[] {33, 64, 127, 250, 509}) {
            assertThat(steps(side, 1e-7, 1e-3)).as("side %d", side).isLessThanOrEqualTo(26);
        }
    }

    /** A part coupled to the rest by less than rounding errors keeps its constant, and nothing overflows. */
    @Test
    void couplingsOfNearlyNothingAreHarmless() {
        boolean[] mask = new boolean[20 * 11];
        Arrays.fill(mask, true);
        for (double weak : new double[] {1e-12, 1e-17, 1e-100, 1e-300, Double.MIN_VALUE}) {
            Random random = new Random(5);
            GridSystem system = system(20, mask, random, 0.1);
            for (int y = 0; y < 11; y++) {
                system.right[20 * y + 6] = weak;
            }
            system.right[20] = weak; // a pixel of its own in the left column
            system.down[0] = weak;
            system.down[20] = weak;
            double[] truth = random(mask.length, random);
            double[] right = product(system, truth);
            System.arraycopy(right, 0, system.rightHandSide, 0, right.length);
            double[] found = new double[mask.length];
            assertThat(new ConjugateGradients(system).solve(found, 1e-9, MOST_STEPS))
                    .as("steps at %s", weak)
                    .isLessThan(100);
            double shift = found[19] - truth[19];
            for (int i = 0; i < mask.length; i++) {
                if (i % 20 > 6) {
                    assertThat(found[i] - truth[i]).isCloseTo(shift, within(1e-5));
                }
                assertThat(found[i]).isBetween(-10.0, 10.0);
            }
        }
    }
}
