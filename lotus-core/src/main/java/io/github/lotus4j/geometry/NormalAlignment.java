package io.github.lotus4j.geometry;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The shift of a relative depth map by the normals of the same image: it decides how steep everything is. With depth, or its
 * inverse, as {@code value + c} but for a factor, a tangent that is orthogonal to the normal n makes an equation that is linear in c:
 * of disparity, {@code n.x · (value + c) = fx (n · r) d(value)/dx} with the pixel's ray r, of depth the negative, and so along y.
 * c is what has the least sum of absolute errors in these. The factor stays unknown: normals say nothing of it.
 */
public final class NormalAlignment {
    /** Results come back from a smaller network's by nearest neighbour: slopes are taken over a share of the longer edge. */
    private static final int STEPS_ACROSS = 48;

    private static final int MOST_PIXELS = 100_000;

    /** A farthest depth of more times the nearest one is a guess at infinity. */
    private static final double LARGEST_RATIO = 100;

    /** An error of {@code weight · |c - solution|}. */
    private record Equation(double solution, double weight) {}

    private final DepthMap depth;
    private final float[] normals;
    private final Camera camera;
    private final int step;

    private NormalAlignment(DepthMap depth, NormalMap normals, Camera camera) {
        this.depth = depth;
        this.normals = normals.toArray(NormalAxes.OPENCV);
        this.camera = camera.resized(depth.width(), depth.height());
        step = Math.max(1, Math.max(depth.width(), depth.height()) / STEPS_ACROSS);
    }

    /**
     * Depth whose shape fits the normals.
     *
     * @param camera where its images have another size than the depth, it is resized
     * @param nearest depth of the nearest pixel, in metres, which sets the unknown scale
     * @param ratio of the farthest depth to the nearest one where the normals do not say it, as of a wall that faces the camera
     * @throws LotusException if the normals have another size than the depth, or not 0 &lt; nearest, 1 &lt; ratio
     */
    public static MetricDepthMap align(DepthMap depth, NormalMap normals, Camera camera, double nearest, double ratio) {
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(normals, "normals");
        Objects.requireNonNull(camera, "camera");
        NormalSize.require("normal alignment", normals, depth.width(), depth.height());
        if (!(nearest > 0 && ratio > 1) || !Double.isFinite(nearest * ratio)) {
            throw new LotusException(
                    "normal alignment: found a nearest depth of %s m and a ratio of %s, expected more than 0 and more than 1"
                            .formatted(nearest, ratio));
        }
        double found = new NormalAlignment(depth, normals, camera).ratio().orElse(ratio);
        return depth.spanning(nearest, nearest * found);
    }

    /** Of the farthest depth to the nearest; none if the normals do not give a shift with which all lies ahead. */
    private OptionalDouble ratio() {
        List<Equation> equations = equations();
        double smallest = Double.POSITIVE_INFINITY;
        double largest = Double.NEGATIVE_INFINITY;
        for (float value : depth.toArray()) {
            smallest = Math.min(smallest, value);
            largest = Math.max(largest, value);
        }
        if (equations.isEmpty() || !(largest > smallest)) {
            return OptionalDouble.empty();
        }
        double shift = weightedMedian(equations);
        double ratio = (largest + shift) / (smallest + shift);
        return smallest + shift > 0 ? OptionalDouble.of(Math.min(ratio, LARGEST_RATIO)) : OptionalDouble.empty();
    }

    private static double weightedMedian(List<Equation> equations) {
        equations.sort(Comparator.comparingDouble(Equation::solution));
        double half = equations.stream().mapToDouble(Equation::weight).sum() / 2;
        int at = 0;
        for (double sum = equations.getFirst().weight; sum < half && at + 1 < equations.size(); ) {
            sum += equations.get(++at).weight;
        }
        return equations.get(at).solution;
    }

    private List<Equation> equations() {
        int width = depth.width();
        int height = depth.height();
        int stride = (int) Math.ceil(Math.sqrt((double) width * height / MOST_PIXELS));
        double sign = depth.kind() == DepthKind.AFFINE_DISPARITY ? 1 : -1;
        List<Equation> equations = new ArrayList<>();
        for (int y = step; y + step < height; y += stride) {
            for (int x = step; x + step < width; x += stride) {
                int at = 3 * (y * width + x);
                double alongRay = camera.alongRay(normals, x, y);
                double slopeX = ((double) depth.at(x + step, y) - depth.at(x - step, y)) / (2 * step);
                double slopeY = ((double) depth.at(x, y + step) - depth.at(x, y - step)) / (2 * step);
                add(equations, normals[at], sign * camera.fx() * alongRay * slopeX, depth.at(x, y));
                add(equations, normals[at + 1], sign * camera.fy() * alongRay * slopeY, depth.at(x, y));
            }
        }
        return equations;
    }

    private static void add(List<Equation> equations, double component, double growth, double value) {
        if (Math.abs(component) > 1e-3) {
            equations.add(new Equation(growth / component - value, Math.abs(component)));
        }
    }
}
