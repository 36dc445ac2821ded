package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;

/** Whether as many values are there as a map's size takes. */
final class MapSize {
    private MapSize() {}

    static void require(String what, int width, int height, int channels, int values) {
        if (width < 1 || height < 1) {
            throw new LotusException("%s: found %d×%d pixels, expected at least 1×1".formatted(what, width, height));
        }
        if (values != (double) width * height * channels) {
            throw new LotusException("%s: found %d values for %d×%d pixels, expected %d a pixel"
                    .formatted(what, values, width, height, channels));
        }
    }
}
