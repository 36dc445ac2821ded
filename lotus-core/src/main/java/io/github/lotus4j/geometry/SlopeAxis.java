package io.github.lotus4j.geometry;

import java.util.Arrays;

/**
 * What normals say of depth along rows, or along columns: at each pixel {@code slope · dz + component = 0}, once for the difference
 * dz to the next pixel and once for that from the one before, of which the one that does not cross an edge is to hold. Cao et al.
 * 2022, equations 13 to 18.
 */
final class SlopeAxis {
    /** How sharply the two sides are told apart: the paper's k. */
    private static final double SHARPNESS = 2;

    private final int step;
    /** Whether a pixel and the next are both to be reconstructed. */
    private final boolean[] linked;

    private final double[] slope;
    private final double[] component;
    /** Of the difference to the next pixel; what is left to 1 is that of the other. */
    private final double[] weight;

    /** @param step from a pixel to the next, 1 along rows, the width along columns */
    SlopeAxis(int step, boolean[] linked, double[] slope, double[] component) {
        this.step = step;
        this.linked = linked;
        this.slope = slope;
        this.component = component;
        weight = new double[slope.length];
        Arrays.fill(weight, 0.5);
    }

    /** Adds the normal equations of the weighted squares. */
    void addTo(GridSystem system, double[] coupling) {
        for (int i = 0; i + step < slope.length; i++) {
            if (linked[i]) {
                int next = i + step;
                double forward = weight[i] * slope[i];
                double backward = (1 - weight[next]) * slope[next];
                double strength = forward * slope[i] + backward * slope[next];
                double growth = forward * component[i] + backward * component[next];
                coupling[i] += strength;
                system.rightHandSide[i] += growth;
                system.rightHandSide[next] -= growth;
            }
        }
    }

    /** The side on which depth changes less weighs more. */
    void weigh(double[] depth) {
        for (int i = 0; i < slope.length; i++) {
            double next = slope[i] * forward(depth, i);
            double before = slope[i] * backward(depth, i);
            weight[i] = 1 / (1 + Math.exp(-SHARPNESS * (before * before - next * next)));
        }
    }

    double energy(double[] depth) {
        double energy = 0;
        for (int i = 0; i < slope.length; i++) {
            double next = slope[i] * forward(depth, i) + component[i];
            double before = slope[i] * backward(depth, i) + component[i];
            energy += weight[i] * next * next + (1 - weight[i]) * before * before;
        }
        return energy;
    }

    /** 0 where there is no next pixel, as in the paper's own program. */
    private double forward(double[] depth, int i) {
        return linked[i] ? depth[i + step] - depth[i] : 0;
    }

    private double backward(double[] depth, int i) {
        return i >= step && linked[i - step] ? depth[i] - depth[i - step] : 0;
    }
}
