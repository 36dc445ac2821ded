package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.eval.Alignment;
import java.util.Objects;

/**
 * What a relative depth map's values are in metres: {@code depth = scale · value + shift} for {@link DepthKind#AFFINE_DEPTH},
 * {@code 1 / depth = scale · value + shift} for {@link DepthKind#AFFINE_DISPARITY}, and how well known samples agree.
 *
 * @param kind which of the two
 * @param line scale and shift, in metres or in 1/m; the scale is positive
 * @param samples how many the line was fitted to: with the robust fit, without outliers
 * @param outliers how many the robust fit left out
 * @param residual root of the mean squared difference to the samples fitted to, in metres or in 1/m
 * @param absRel mean of |depth - metres| / metres over the samples fitted to; infinite where one comes out at infinity
 */
public record DepthAlignment(
        DepthKind kind, Alignment line, int samples, int outliers, double residual, double absRel) {
    public DepthAlignment {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(line, "line");
    }

    /**
     * Depth in metres.
     *
     * @param value of a map of this kind
     * @return NaN where the line says infinitely far or behind the camera
     */
    public double metres(double value) {
        double aligned = line.apply(value);
        double metres = kind == DepthKind.AFFINE_DISPARITY ? 1 / aligned : aligned;
        return aligned > 0 && metres < Double.POSITIVE_INFINITY ? metres : Double.NaN;
    }

    /**
     * An assumption in place of knowledge: the map's extremes lie at these distances.
     *
     * @throws LotusException if not 0 &lt; nearest &lt; farthest, finite
     */
    static DepthAlignment spanning(DepthKind kind, float smallest, float largest, double nearest, double farthest) {
        if (!(0 < nearest && nearest < farthest && farthest < Double.POSITIVE_INFINITY)) {
            throw new LotusException("depth map: found the range %s m to %s m, expected 0 < nearest < farthest"
                    .formatted(nearest, farthest));
        }
        double low = kind == DepthKind.AFFINE_DISPARITY ? 1 / farthest : nearest;
        double high = kind == DepthKind.AFFINE_DISPARITY ? 1 / nearest : farthest;
        double scale = (high - low) / (largest > smallest ? (double) largest - smallest : 1);
        return new DepthAlignment(kind, new Alignment(scale, low - scale * smallest), 0, 0, 0, 0);
    }
}
