package io.github.lotus4j.geometry;

import io.github.lotus4j.error.LotusException;
import java.util.Objects;

/**
 * Points in space, with colours and normals if they have them. The arrays are not copied: who changes them changes the cloud.
 *
 * @param positions metres, {@code [points, 3]}; x to the right, y up, z toward the viewer
 * @param colours red, green, blue as in an image (sRGB), {@code [points, 3]}, 0 to 255 as unsigned bytes; empty without
 * @param normals unit vectors in the axes of the positions, {@code [points, 3]}; empty without
 */
public record PointCloud(float[] positions, byte[] colours, float[] normals) {
    /** @throws LotusException if the arrays' lengths do not fit each other, or a coordinate is not finite */
    public PointCloud {
        Objects.requireNonNull(positions, "positions");
        Objects.requireNonNull(colours, "colours");
        Objects.requireNonNull(normals, "normals");
        if (positions.length % 3 != 0
                || (colours.length != 0 && colours.length != positions.length)
                || (normals.length != 0 && normals.length != positions.length)) {
            throw new LotusException(
                    "point cloud: found %d coordinates, %d colour values, %d components of normals, expected"
                                    .formatted(positions.length, colours.length, normals.length)
                            + " three a point of each, or none of the latter two");
        }
        for (int i = 0; i < positions.length; i++) {
            if (!Float.isFinite(positions[i])) {
                throw new LotusException("point cloud: found %s in point %d, expected finite coordinates"
                        .formatted(positions[i], i / 3));
            }
        }
    }

    /** How many points there are. */
    public int size() {
        return positions.length / 3;
    }

    public boolean hasColours() {
        return colours.length > 0;
    }

    public boolean hasNormals() {
        return normals.length > 0;
    }

    @Override
    public String toString() {
        return "PointCloud[%d%s%s]".formatted(size(), hasColours() ? ", colours" : "", hasNormals() ? ", normals" : "");
    }
}
