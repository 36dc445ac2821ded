package io.github.lotus4j.geometry;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Surfaces from normals: bilateral normal integration, which keeps the steps between near and far that plain least squares would
 * smear. Cao, Santo, Okura and Matsushita, ECCV 2022. Normals say nothing of how far away a surface is, nor, beyond an edge that
 * surrounds something, how far the one side is before the other: the result is a shape up to these.
 */
public final class NormalIntegration {
    private final int width;
    private final boolean[] mask;
    private final float[] normals;

    private NormalIntegration(NormalMap normals, boolean[] mask) {
        width = normals.width();
        if (mask.length != width * normals.height()) {
            throw new LotusException("normal integration: found a mask of %d pixels, expected %d×%d"
                    .formatted(mask.length, width, normals.height()));
        }
        this.mask = mask.clone();
        HeapLimit.require("integrating the normals", width, normals.height(), BilateralSolver.BYTES_PER_PIXEL);
        this.normals = normals.toArray(NormalAxes.OPENCV);
    }

    /** Every pixel of a map of this size. */
    private static boolean[] everywhere(int width, int height) {
        boolean[] mask = new boolean[width * height];
        Arrays.fill(mask, true);
        return mask;
    }

    /** A surface of all pixels, as {@link #perspective(NormalMap, Camera, boolean[], double)}. */
    public static MetricDepthMap perspective(NormalMap normals, Camera camera, double metres) {
        Objects.requireNonNull(normals, "normals");
        return perspective(normals, camera, everywhere(normals.width(), normals.height()), metres);
    }

    /**
     * Depth that a camera sees.
     *
     * @param camera where its images have another size than the normals, it is resized
     * @param mask the pixels to reconstruct, {@code [height, width]}; the others are unknown in the result
     * @param metres what the unknown scale is set to: the geometric mean of the depth, for each connected part of the mask alone
     * @throws LotusException if the mask is of another size, or metres are not finite and positive
     * @throws InsufficientMemoryException if Java's memory cannot hold the computation
     */
    public static MetricDepthMap perspective(NormalMap normals, Camera camera, boolean[] mask, double metres) {
        Objects.requireNonNull(normals, "normals");
        Objects.requireNonNull(camera, "camera");
        Objects.requireNonNull(mask, "mask");
        if (!(metres > 0 && metres < Double.POSITIVE_INFINITY)) {
            throw new LotusException(
                    "normal integration: found a mean of %s m, expected more than 0".formatted(metres));
        }
        NormalIntegration integration = new NormalIntegration(normals, mask);
        double[] logarithms = integration.perspective(camera).solve();
        new ConnectedParts(integration.width, integration.mask).center(logarithms);
        return integration.toDepth(logarithms, Math.log(metres));
    }

    /**
     * Depth that a camera from very far away sees, as on a bas-relief, in widths of a pixel, growing away from the camera.
     *
     * @param mask the pixels to reconstruct, {@code [height, width]}
     * @return {@code [height, width]}, the mean of each connected part of the mask 0; NaN outside
     * @throws LotusException if the mask is of another size
     * @throws InsufficientMemoryException if Java's memory cannot hold the computation
     */
    public static float[] orthographic(NormalMap normals, boolean[] mask) {
        Objects.requireNonNull(normals, "normals");
        Objects.requireNonNull(mask, "mask");
        NormalIntegration integration = new NormalIntegration(normals, mask);
        double[] slope = integration.component(2);
        double[] depth = new BilateralSolver(
                        integration.width, mask, slope, integration.component(0), slope, integration.component(1))
                .solve();
        new ConnectedParts(integration.width, mask).center(depth);
        float[] result = new float[depth.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = mask[i] ? (float) depth[i] : Float.NaN;
        }
        return result;
    }

    /**
     * Depth whose details are the normals': over distances shorter than {@code reach}, the surface follows the normals, over longer
     * ones the depth. The same integration, with the given depth as a prior. What is unknown stays unknown.
     *
     * @param camera where its images have another size than the depth, it is resized
     * @param reach in pixels; the larger, the more the normals decide
     * @throws LotusException if the normals have another size than the depth, or the reach is not finite and positive
     * @throws InsufficientMemoryException if Java's memory cannot hold the computation
     */
    public static MetricDepthMap refine(MetricDepthMap depth, NormalMap normals, Camera camera, double reach) {
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(normals, "normals");
        Objects.requireNonNull(camera, "camera");
        NormalSize.require("normal integration", normals, depth.width(), depth.height());
        if (!(reach > 0 && reach < Double.POSITIVE_INFINITY)) {
            throw new LotusException(
                    "normal integration: found a reach of %s pixels, expected more than 0".formatted(reach));
        }
        float[] metres = depth.toArray();
        boolean[] known = new boolean[metres.length];
        double[] prior = new double[metres.length];
        double[] trust = new double[metres.length];
        // a slope's squares weigh (focal length / distance in pixels)² over a distance
        double strength = Math.pow(camera.resized(depth.width(), depth.height()).fx() / reach, 2);
        for (int i = 0; i < metres.length; i++) {
            known[i] = metres[i] > 0;
            prior[i] = known[i] ? Math.log(metres[i]) : 0;
            trust[i] = known[i] ? strength : 0;
        }
        NormalIntegration integration = new NormalIntegration(normals, known);
        return integration.toDepth(integration.perspective(camera).solve(prior, trust), 0);
    }

    /**
     * The tangents of a perspective surface are orthogonal to its normals: with the ray r of a pixel, fx (n · r) d(ln z)/dx + n.x =
     * 0, and the same with fy along y.
     */
    private BilateralSolver perspective(Camera camera) {
        Camera resized = camera.resized(width, mask.length / width);
        double[] slopeX = new double[mask.length];
        double[] slopeY = new double[mask.length];
        for (int i = 0; i < mask.length; i++) {
            double alongRay = resized.alongRay(normals, i % width, i / width);
            slopeX[i] = resized.fx() * alongRay;
            slopeY[i] = resized.fy() * alongRay;
        }
        return new BilateralSolver(width, mask, slopeX, component(0), slopeY, component(1));
    }

    private double[] component(int axis) {
        double[] component = new double[mask.length];
        for (int i = 0; i < component.length; i++) {
            component[i] = normals[3 * i + axis];
        }
        return component;
    }

    private MetricDepthMap toDepth(double[] logarithms, double shift) {
        float[] metres = new float[logarithms.length];
        for (int i = 0; i < metres.length; i++) {
            metres[i] = mask[i] ? (float) Math.exp(logarithms[i] + shift) : Float.NaN;
        }
        return MetricDepthMap.of(width, metres.length / width, metres);
    }
}
