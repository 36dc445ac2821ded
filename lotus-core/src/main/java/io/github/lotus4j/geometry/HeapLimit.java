package io.github.lotus4j.geometry;

import io.github.lotus4j.error.InsufficientMemoryException;

/** Whether what is about to be computed could fit into Java's memory at all. */
final class HeapLimit {
    private HeapLimit() {}

    static void require(String what, int width, int height, int bytesPerPixel) {
        long bytes = (long) bytesPerPixel * width * height;
        long available = Runtime.getRuntime().maxMemory();
        if (bytes > available) {
            throw new InsufficientMemoryException(
                    "%s of %d×%d pixels".formatted(what, width, height),
                    bytes,
                    available,
                    "take a smaller map, or give Java more memory (-Xmx)");
        }
    }
}
