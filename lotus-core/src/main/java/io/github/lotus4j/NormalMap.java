package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A surface normal for every pixel, in the camera's frame: x to the LEFT, y UP, z TOWARD the camera; a wall that faces the
 * camera is (0, 0, 1). {@link #toArray(NormalAxes)} gives them in other axes. Immutable.
 */
public final class NormalMap {
    private final int width;
    private final int height;
    private final float[] image;
    private final float[] vectors;
    private final @Nullable SpreadMap spread;
    private final @Nullable Provenance provenance;

    /** @param image what the network predicts, (n + 1) / 2 with n about of unit length, {@code [height, width, 3]} */
    NormalMap(int width, int height, float[] image, @Nullable SpreadMap spread, @Nullable Provenance provenance) {
        this.width = width;
        this.height = height;
        this.image = image;
        this.spread = spread;
        this.provenance = provenance;
        vectors = new float[image.length];
        double[] unit = new double[3];
        for (int i = 0; i < image.length; i += 3) {
            Direction.read(image, i, unit);
            for (int c = 0; c < 3; c++) {
                vectors[i + c] = (float) unit[c];
            }
        }
    }

    /**
     * Normals from elsewhere.
     *
     * @param vectors {@code [height, width, 3]}, row by row from the top, each of components from -1 to 1; copied, and normalised
     * @param axes what they are given in
     * @throws LotusException if there are not {@code width · height · 3}, or a component is beyond 1.01 or no number
     */
    public static NormalMap of(int width, int height, float[] vectors, NormalAxes axes) {
        Objects.requireNonNull(vectors, "vectors");
        Objects.requireNonNull(axes, "axes");
        MapSize.require("normal map", width, height, 3, vectors.length);
        float[] image = vectors.clone();
        axes.turn(image);
        for (int i = 0; i < image.length; i++) {
            if (!(Math.abs(image[i]) <= 1.01f)) {
                throw new LotusException("normal map: found the component %s at column %d, row %d, expected -1 to 1"
                        .formatted(image[i], i / 3 % width, i / 3 / width));
            }
            image[i] = (image[i] + 1) / 2;
        }
        return new NormalMap(width, height, image, null, null);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The unit vector (x, y, z) at column {@code x}, row {@code y}, both from 0, from the left and from the top. */
    public float[] at(int x, int y) {
        Objects.checkIndex(x, width);
        int at = 3 * (Objects.checkIndex(y, height) * width + x);
        return new float[] {vectors[at], vectors[at + 1], vectors[at + 2]};
    }

    /** A copy of all unit vectors, {@code [height, width, 3]}. */
    public float[] toArray() {
        return vectors.clone();
    }

    /** All unit vectors in these axes, {@code [height, width, 3]}. */
    public float[] toArray(NormalAxes axes) {
        Objects.requireNonNull(axes, "axes");
        float[] turned = vectors.clone();
        axes.turn(turned);
        return turned;
    }

    /** How far predictions differ from this, their mean direction, in degrees, where it is of an ensemble. */
    public Optional<SpreadMap> spread() {
        return Optional.ofNullable(spread);
    }

    /** What they were predicted with; empty of normals from elsewhere. */
    public Optional<Provenance> provenance() {
        return Optional.ofNullable(provenance);
    }

    /** A copy of the prediction as a picture, values in [0, 1], not normalised, {@code [height, width, 3]}. */
    public float[] toImage() {
        return image.clone();
    }

    /** The prediction as a picture of 8 bits a channel, floor(255 · (n + 1) / 2), as the reference has it, {@code [height, width, 3]}. */
    public byte[] toRgb() {
        byte[] rgb = new byte[image.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.clamp((long) (255 * image[i]), 0, 255); // truncated
        }
        return rgb;
    }

    @Override
    public String toString() {
        return "NormalMap[%d×%d]".formatted(width, height);
    }
}
