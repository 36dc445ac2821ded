package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Depth in metres for every pixel, along the camera's viewing direction (z, not the distance along the ray); NaN where nothing
 * is known, as in the sky. Immutable.
 */
public final class MetricDepthMap {
    private final int width;
    private final int height;
    private final float[] metres;
    private final @Nullable Provenance provenance;

    private MetricDepthMap(int width, int height, float[] metres, @Nullable Provenance provenance) {
        this.width = width;
        this.height = height;
        this.metres = metres;
        this.provenance = provenance;
    }

    /**
     * Depth from anywhere.
     *
     * @param metres {@code [height, width]}, row by row from the top; what is not finite and positive is taken as unknown
     * @throws LotusException if there are not {@code width · height}
     */
    public static MetricDepthMap of(int width, int height, float[] metres) {
        Objects.requireNonNull(metres, "metres");
        return of(width, height, metres, null);
    }

    static MetricDepthMap of(int width, int height, float[] metres, @Nullable Provenance provenance) {
        MapSize.require("metric depth map", width, height, 1, metres.length);
        float[] known = metres.clone();
        for (int i = 0; i < known.length; i++) {
            if (!(known[i] > 0) || known[i] == Float.POSITIVE_INFINITY) {
                known[i] = Float.NaN;
            }
        }
        return new MetricDepthMap(width, height, known, provenance);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** Metres at column {@code x}, row {@code y}, both from 0, from the left and from the top; NaN where unknown. */
    public float at(int x, int y) {
        Objects.checkIndex(x, width);
        return metres[Objects.checkIndex(y, height) * width + x];
    }

    /** A copy of all values, {@code [height, width]}. */
    public float[] toArray() {
        return metres.clone();
    }

    /** What the relative map was predicted with that this was made of; empty of depth from elsewhere. */
    public Optional<Provenance> provenance() {
        return Optional.ofNullable(provenance);
    }

    /**
     * The same without what lies outside of this range, which becomes unknown: aligned disparity puts a sky at hundreds of metres
     * as well as at none.
     *
     * @throws LotusException if not 0 &le; nearest &lt; farthest
     */
    public MetricDepthMap within(double nearest, double farthest) {
        if (!(nearest >= 0 && nearest < farthest)) {
            throw new LotusException(
                    "range: found %s m to %s m, expected the nearest first, from 0 on".formatted(nearest, farthest));
        }
        float[] kept = metres.clone();
        for (int i = 0; i < kept.length; i++) {
            if (!(kept[i] >= nearest && kept[i] <= farthest)) {
                kept[i] = Float.NaN;
            }
        }
        return new MetricDepthMap(width, height, kept, provenance);
    }

    /**
     * A relative map of either kind, its known range stretched over 0 to 1; the way from one kind to the other, which is not
     * defined without metres. What is unknown becomes the farthest.
     *
     * @throws LotusException if no pixel is known
     */
    public DepthMap toRelative(DepthKind kind) {
        Objects.requireNonNull(kind, "kind");
        boolean inverse = kind == DepthKind.AFFINE_DISPARITY;
        double smallest = Double.POSITIVE_INFINITY;
        double largest = Double.NEGATIVE_INFINITY;
        for (float each : metres) {
            if (each > 0) {
                double value = inverse ? 1.0 / each : each;
                smallest = Math.min(smallest, value);
                largest = Math.max(largest, value);
            }
        }
        if (smallest > largest) {
            throw new LotusException("metric depth map: found no pixel of known depth, expected at least one");
        }
        double range = largest > smallest ? largest - smallest : 1;
        float[] values = new float[metres.length];
        for (int i = 0; i < values.length; i++) {
            double value = inverse ? 1.0 / metres[i] : metres[i];
            values[i] = metres[i] > 0 ? (float) ((value - smallest) / range) : inverse ? 0 : 1;
        }
        return new DepthMap(width, height, values, kind, null, provenance);
    }

    @Override
    public String toString() {
        return "MetricDepthMap[%d×%d]".formatted(width, height);
    }
}
