package io.github.lotus4j.geometry;

/**
 * Solution of a {@link GridSystem} by conjugate gradients, preconditioned by {@link Multigrid}: in a number of steps that hardly
 * depends on the grid's size. The flexible kind, as the preconditioner is not quite linear: each direction is made conjugate to the
 * one before by their own product. Notay 2000, "Flexible conjugate gradients".
 */
final class ConjugateGradients {
    private final GridSystem system;
    private final Multigrid multigrid;
    private final double[] residual;
    private final double[] preconditioned;
    private final double[] direction;
    private final double[] product;

    ConjugateGradients(GridSystem system) {
        this.system = system;
        multigrid = new Multigrid(system);
        residual = new double[system.pixels];
        preconditioned = new double[system.pixels];
        direction = new double[system.pixels];
        product = new double[system.pixels];
    }

    /**
     * Improves a solution of the system as it is now; pixels that nothing holds or is coupled to stay as they are.
     *
     * @param tolerance the residual's length at which it is good, as a share of the right-hand side's
     * @return the steps taken
     */
    int solve(double[] solution, double tolerance, int mostSteps) {
        system.complete();
        multigrid.update();
        system.multiply(solution, product);
        for (int i = 0; i < residual.length; i++) {
            residual[i] = system.rightHandSide[i] - product[i];
        }
        double good = tolerance * tolerance * Multigrid.dot(system.rightHandSide, system.rightHandSide);
        double curvature = 0;
        int step = 0;
        while (step < mostSteps && Multigrid.dot(residual, residual) > good) {
            multigrid.apply(residual, preconditioned);
            double keep = step == 0 ? 0 : -Multigrid.dot(preconditioned, product) / curvature;
            for (int i = 0; i < direction.length; i++) {
                direction[i] = preconditioned[i] + keep * direction[i];
            }
            system.multiply(direction, product);
            curvature = Multigrid.dot(direction, product);
            if (!(curvature > 0)) {
                break; // what is left is rounding errors
            }
            double length = Multigrid.dot(direction, residual) / curvature;
            for (int i = 0; i < solution.length; i++) {
                solution[i] += length * direction[i];
                residual[i] -= length * product[i];
            }
            step++;
        }
        return step;
    }
}
