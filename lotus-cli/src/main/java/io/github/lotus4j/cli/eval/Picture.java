package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.ImageFile;
import java.awt.Dimension;
import java.awt.image.BufferedImage;

/** Image files as they are stored: benchmarks' evaluations do not turn them upright, whatever their Exif data say. */
final class Picture {
    /** Bytes on the heap for a pixel: decoded, as samples of 32 bits, and as numbers. */
    private static final long BYTES_OF_PIXEL = 32;

    private Picture() {}

    static RgbImage rgb(String name, byte[] file) {
        return RgbImage.of(read(name, file));
    }

    /**
     * @param name for messages
     * @throws LotusException if it is no image that can be read, or too large
     */
    static BufferedImage read(String name, byte[] file) {
        Dimension size = ImageFile.size(name, file);
        long bytes = BYTES_OF_PIXEL * size.width * size.height;
        long memory = Runtime.getRuntime().maxMemory();
        if (bytes > memory) {
            throw new InsufficientMemoryException(
                    "reading %s, %d×%d pixels,".formatted(name, size.width, size.height),
                    bytes,
                    memory,
                    "give Java more memory (-Xmx)");
        }
        return ImageFile.decodeStored(name, file);
    }
}
