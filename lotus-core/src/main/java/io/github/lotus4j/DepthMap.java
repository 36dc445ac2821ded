package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Depth or disparity for every pixel, in [0, 1], up to an unknown scale and shift; {@link #kind()} says which. Depth is along the
 * camera's viewing direction. {@link #alignTo} finds scale and shift from known depths; one kind becomes the other only by way of
 * metres ({@link #toMetric}, {@link MetricDepthMap#toRelative}). Immutable.
 */
public final class DepthMap {
    private final int width;
    private final int height;
    private final float[] values;
    private final DepthKind kind;
    private final @Nullable SpreadMap spread;
    private final @Nullable Provenance provenance;

    DepthMap(
            int width,
            int height,
            float[] values,
            DepthKind kind,
            @Nullable SpreadMap spread,
            @Nullable Provenance provenance) {
        this.width = width;
        this.height = height;
        this.values = values;
        this.kind = kind;
        this.spread = spread;
        this.provenance = provenance;
    }

    /**
     * A map from elsewhere.
     *
     * @param values {@code [height, width]}, row by row from the top, finite; copied
     * @throws LotusException if there are not {@code width · height}, or one is not finite
     */
    public static DepthMap of(int width, int height, float[] values, DepthKind kind) {
        Objects.requireNonNull(values, "values");
        Objects.requireNonNull(kind, "kind");
        MapSize.require("depth map", width, height, 1, values.length);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new LotusException("depth map: found %s at column %d, row %d, expected a finite value"
                        .formatted(values[i], i % width, i / width));
            }
        }
        return new DepthMap(width, height, values.clone(), kind, null, null);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public DepthKind kind() {
        return kind;
    }

    /** The value at column {@code x}, row {@code y}, both from 0, from the left and from the top. */
    public float at(int x, int y) {
        Objects.checkIndex(x, width);
        return values[Objects.checkIndex(y, height) * width + x];
    }

    /** A copy of all values, row by row from the top, {@code [height, width]}. */
    public float[] toArray() {
        return values.clone();
    }

    /** How far predictions differ from this, their median, where it is of an ensemble. */
    public Optional<SpreadMap> spread() {
        return Optional.ofNullable(spread);
    }

    /** What it was predicted with; empty of a map from elsewhere. */
    public Optional<Provenance> provenance() {
        return Optional.ofNullable(provenance);
    }

    /**
     * Scale and shift by least squares over pixels whose depth is known: in depth for {@link DepthKind#AFFINE_DEPTH}, in 1/depth for
     * {@link DepthKind#AFFINE_DISPARITY}. Ranftl et al. 2022.
     *
     * @throws LotusException if a sample lies outside of the map, the map has the same value at all of them, or their depths run
     *     against it, as where its kind is wrong
     */
    public DepthAlignment alignTo(List<DepthSample> samples) {
        Objects.requireNonNull(samples, "samples");
        return new SampleFit(this, samples).leastSquares();
    }

    /**
     * As {@link #alignTo}, without outliers, of which there may be almost as many as good samples: those that lie farther than 2.5
     * standard deviations (by the median) from the line of repeated medians. Nothing in it is random. Siegel 1982.
     *
     * @throws LotusException as {@link #alignTo}
     */
    public DepthAlignment alignRobustlyTo(List<DepthSample> samples) {
        Objects.requireNonNull(samples, "samples");
        return new SampleFit(this, samples).robust();
    }

    /**
     * Depth in metres; unknown where the alignment says infinitely far or behind the camera.
     *
     * @throws LotusException if the alignment is of the other kind
     */
    public MetricDepthMap toMetric(DepthAlignment alignment) {
        Objects.requireNonNull(alignment, "alignment");
        if (alignment.kind() != kind) {
            throw new LotusException(
                    "depth map: found an alignment of %s, expected one of %s".formatted(alignment.kind(), kind));
        }
        float[] metres = new float[values.length];
        for (int i = 0; i < metres.length; i++) {
            metres[i] = (float) alignment.metres(values[i]);
        }
        return MetricDepthMap.of(width, height, metres, provenance);
    }

    /**
     * Depth for a look at the shape where nothing is known in metres: assumes that the nearest and the farthest pixel lie at these
     * depths. The shape depends on their ratio, and is right only as far as that is.
     *
     * @throws LotusException if not 0 &lt; nearest &lt; farthest, finite
     */
    public MetricDepthMap spanning(double nearest, double farthest) {
        float smallest = Float.POSITIVE_INFINITY;
        float largest = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            smallest = Math.min(smallest, value);
            largest = Math.max(largest, value);
        }
        return toMetric(DepthAlignment.spanning(kind, smallest, largest, nearest, farthest));
    }

    @Override
    public String toString() {
        return "DepthMap[%d×%d, %s]".formatted(width, height, kind);
    }
}
