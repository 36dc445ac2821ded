package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;

/**
 * The values that a preview's colours are stretched over; what lies beyond is painted as the nearer end.
 *
 * @param min in the map's own units
 * @param max in the map's own units
 */
public record ValueRange(float min, float max) {
    /** @throws LotusException if not min &lt; max, both finite */
    public ValueRange {
        if (!(min < max && Float.isFinite(min) && Float.isFinite(max))) {
            throw new LotusException(
                    "range: found %s to %s, expected finite numbers, the smaller one first".formatted(min, max));
        }
    }
}
