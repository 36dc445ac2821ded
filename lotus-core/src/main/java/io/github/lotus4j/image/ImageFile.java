package io.github.lotus4j.image;

import io.github.lotus4j.error.InsufficientMemoryException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Image files of the formats that Java reads: PNG, JPEG, TIFF, BMP, GIF, and what is on the class path. */
public final class ImageFile {
    private static final long LARGEST_FILE = 1L << 30;
    /** Bytes on the heap for a pixel while it is decoded: four as decoded, three as kept, three while it is turned. */
    private static final int BYTES_PER_PIXEL = 10;

    private ImageFile() {}

    /**
     * Reads the first image of a file, upright as its Exif orientation says. Sizes are checked before anything is decoded.
     *
     * @throws ImageException naming the file, what was found and what was expected
     */
    public static Pixels read(Path path) {
        if (!Files.exists(path)) {
            throw new ImageException(path + " does not exist, expected an image");
        }
        if (Files.isDirectory(path)) {
            throw new ImageException(path + " is a folder, expected an image");
        }
        try {
            long size = Files.size(path);
            if (size > LARGEST_FILE) {
                throw new ImageException(
                        path + " has " + size + " bytes, expected an image of at most " + LARGEST_FILE);
            }
            byte[] file = Files.readAllBytes(path);
            return decode(path, file).upright(Orientation.of(file));
        } catch (AccessDeniedException e) {
            throw new ImageException(path + " cannot be read: permission denied", e);
        } catch (IOException e) {
            throw new ImageException(path + " cannot be decoded: " + reason(e), e);
        }
    }

    private static String reason(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static Pixels decode(Path path, byte[] file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                TreeSet<String> formats = new TreeSet<>();
                for (String suffix : ImageIO.getReaderFileSuffixes()) {
                    formats.add(suffix.toLowerCase(Locale.ROOT));
                }
                throw new ImageException(path + (file.length == 0 ? " is empty" : " is no image of a known format")
                        + ", expected one of " + String.join(", ", formats));
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return decode(path, file, reader);
            } catch (ImageException | InsufficientMemoryException e) {
                throw e;
            } catch (RuntimeException e) { // decoders throw whatever they trip over
                throw new ImageException(path + " cannot be decoded: " + reason(e), e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Pixels decode(Path path, byte[] file, ImageReader reader) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        Pixels.requireFits(width, height);
        long needed = (long) BYTES_PER_PIXEL * width * height;
        if (needed > Runtime.getRuntime().maxMemory()) {
            throw new InsufficientMemoryException(
                    "decoding %s, %d×%d pixels,".formatted(path, width, height),
                    needed,
                    Runtime.getRuntime().maxMemory(),
                    "take a smaller image, or give Java more memory (-Xmx)");
        }
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        Pixels pixels;
        if (CmykJpeg.is(file)) {
            pixels = CmykJpeg.convert(file, reader.readRaster(0, null));
        } else {
            BufferedImage image = reader.read(0);
            pixels = Pixels.of(image);
        }
        for (String warning : warnings) { // a JPEG that ends early is completed in grey, with no more than a warning
            if (warning.contains("Truncated") || warning.contains("Premature")) {
                throw new ImageException(path + " is cut short after " + file.length + " bytes: " + warning);
            }
        }
        return pixels;
    }
}
