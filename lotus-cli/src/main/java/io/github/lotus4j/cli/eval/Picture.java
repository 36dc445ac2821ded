package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.ImageFile;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Image files as they are stored: benchmarks' evaluations do not turn them upright, whatever their Exif data say. */
final class Picture {
    /** Bytes on the heap for a pixel: decoded, as samples of 32 bits, and as numbers. */
    private static final long BYTES_OF_PIXEL = 32;

    private static final long MOST_PIXELS = 1L << 28;

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
        long pixels = (long) size.width * size.height;
        if (pixels > MOST_PIXELS) {
            throw new LotusException("%s: found %d×%d pixels, expected at most %,d"
                    .formatted(name, size.width, size.height, MOST_PIXELS));
        }
        long memory = Runtime.getRuntime().maxMemory();
        if (BYTES_OF_PIXEL * pixels > memory) {
            throw new LotusException(
                    "%s: found %d×%d pixels, which take %,d MB to read, expected no more than Java's heap has, %,d MB"
                            .formatted(
                                    name,
                                    size.width,
                                    size.height,
                                    BYTES_OF_PIXEL * pixels / 1_000_000,
                                    memory / 1_000_000));
        }
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
            if (image == null) {
                throw new LotusException(name + " is no image of a known format");
            }
            return image;
        } catch (IOException | RuntimeException e) { // Java's readers throw all kinds on broken files
            throw e instanceof LotusException known
                    ? known
                    : new LotusException(name + " is no image that can be read: " + e.getMessage(), e);
        }
    }
}
