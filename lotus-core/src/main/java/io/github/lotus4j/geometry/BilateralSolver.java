package io.github.lotus4j.geometry;

/**
 * Bilateral normal integration: depth whose one-sided differences fit the normals, where at each pixel, along rows and along columns,
 * the side that is continuous counts. Iteratively reweighted least squares, the inner system by {@link ConjugateGradients}. Cao,
 * Santo, Okura and Matsushita, ECCV 2022.
 */
final class BilateralSolver {
    /** Bytes for a pixel, about: the system and its solver, a third as much for coarser grids, two axes, the depth and its sources. */
    static final int BYTES_PER_PIXEL = 8 * (11 + 4 + 6 + 4);

    private static final int MOST_ROUNDS = 150;
    private static final int MOST_STEPS = 500;
    /** The relative change of the energy at which it is taken for settled: the paper's. */
    private static final double SETTLED = 1e-4;

    /** Of the inner system, solved again each round from where it was: the paper's. */
    private static final double TOLERANCE = 1e-3;

    private final GridSystem system;
    private final ConjugateGradients solver;
    private final SlopeAxis rows;
    private final SlopeAxis columns;

    /**
     * @param mask the pixels to reconstruct
     * @param slopeX of depth along rows, for each pixel; see {@link SlopeAxis}
     * @param normalX what it is to balance: the normal's component to the right
     * @param slopeY of depth along columns
     * @param normalY the normal's component downward
     */
    BilateralSolver(int width, boolean[] mask, double[] slopeX, double[] normalX, double[] slopeY, double[] normalY) {
        int height = mask.length / width;
        system = new GridSystem(width, height);
        solver = new ConjugateGradients(system);
        boolean[] right = new boolean[mask.length];
        boolean[] down = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            right[i] = mask[i] && (i + 1) % width > 0 && mask[i + 1];
            down[i] = mask[i] && i + width < mask.length && mask[i + width];
        }
        rows = new SlopeAxis(1, right, slopeX, normalX);
        columns = new SlopeAxis(width, down, slopeY, normalY);
    }

    /**
     * @param prior where depth should be, as far as {@code trust} says
     * @param trust weight of each pixel's (depth - prior)²; all 0: depth is free by a constant
     * @return in the space of the slopes: depth, or its logarithm
     */
    double[] solve(double[] prior, double[] trust) {
        double[] depth = prior.clone();
        double before = 0;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            system.clear();
            rows.addTo(system, system.right);
            columns.addTo(system, system.down);
            for (int i = 0; i < depth.length; i++) {
                system.ground[i] += trust[i];
                system.rightHandSide[i] += trust[i] * prior[i];
            }
            solver.solve(depth, TOLERANCE, MOST_STEPS);
            rows.weigh(depth);
            columns.weigh(depth);
            double energy = energy(depth, prior, trust);
            if (round > 0 && Math.abs(energy - before) <= SETTLED * before) {
                break;
            }
            before = energy;
        }
        return depth;
    }

    /** The solution where nothing is known of depth: about 0 on average. */
    double[] solve() {
        double[] nothing = new double[system.pixels];
        return solve(nothing, nothing);
    }

    private double energy(double[] depth, double[] prior, double[] trust) {
        double energy = rows.energy(depth) + columns.energy(depth);
        for (int i = 0; i < depth.length; i++) {
            double difference = depth[i] - prior[i];
            energy += trust[i] * difference * difference;
        }
        return energy;
    }
}
