package io.github.lotus4j;

import io.github.lotus4j.ops.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint says of one image.
 *
 * @param values {@code [height, width]} of depth, {@code [height, width, 3]} of normals, 0 to 1
 * @param spread of an ensemble's members
 */
record Answer(
        int width, int height, float[] values, @Nullable SpreadMap spread, Provenance provenance) {
    static Answer of(float[] values, Shape size, Provenance provenance) {
        return new Answer(size.w(), size.h(), values, null, provenance);
    }

    static Answer of(float[] values, float[] spread, Shape size, Provenance provenance) {
        return new Answer(size.w(), size.h(), values, new SpreadMap(size.w(), size.h(), spread), provenance);
    }
}
