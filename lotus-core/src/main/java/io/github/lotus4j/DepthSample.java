package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;

/**
 * A pixel whose depth is known: from a tape measure, a laser scanner, a stereo pair.
 *
 * @param x column, from 0 at the left
 * @param y row, from 0 at the top
 * @param metres depth along the camera's viewing direction (not along the pixel's ray), more than 0
 */
public record DepthSample(int x, int y, double metres) {
    /** @throws LotusException if the pixel's place is negative, or metres are not finite and positive */
    public DepthSample {
        if (x < 0 || y < 0) {
            throw new LotusException("depth sample: found column %d, row %d, expected none below 0".formatted(x, y));
        }
        if (!(metres > 0) || metres == Double.POSITIVE_INFINITY) {
            throw new LotusException(
                    "depth sample: found %s m at column %d, row %d, expected more than 0 m".formatted(metres, x, y));
        }
    }
}
