package io.github.lotus4j.image;

import io.github.lotus4j.error.InsufficientMemoryException;
import java.awt.color.ColorSpace;
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
import java.util.Objects;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Image files of the formats that Java reads: PNG, JPEG, TIFF, BMP, GIF, and of those whose readers are on the class path, as WebP's
 * is beside the command. Colour profiles are not applied, as the reference does not.
 */
public final class ImageFile {
    private static final long LARGEST_FILE = 1L << 30;
    /** Bytes on the heap for a pixel beside the decoded one: three as kept, three while it is turned. */
    private static final int KEPT_BYTES = 6;

    private ImageFile() {}

    /**
     * Reads the first image of a file, upright as its Exif orientation says. Sizes are checked before anything is decoded.
     *
     * @throws ImageException naming the file, what was found and what was expected
     */
    public static Pixels read(Path path) {
        return readPhotograph(path).pixels();
    }

    /**
     * As {@link #read}, with what its camera noted.
     *
     * @throws ImageException as {@link #read}
     */
    public static Photograph readPhotograph(Path path) {
        Objects.requireNonNull(path, "path");
        return read(path, Runtime.getRuntime().maxMemory());
    }

    /** @param memory bytes that reading may take on the heap */
    static Photograph read(Path path, long memory) {
        if (!Files.exists(path)) {
            throw new ImageException(path + " does not exist, expected an image");
        }
        if (Files.isDirectory(path)) {
            throw new ImageException(path + " is a folder, expected an image");
        }
        if (!Files.isRegularFile(path)) { // its size would not be known before it is read
            throw new ImageException(path + " is a device or a pipe, expected an image file");
        }
        try {
            long size = Files.size(path);
            if (size > LARGEST_FILE) {
                throw new ImageException(
                        path + " has " + size + " bytes, expected an image of at most " + LARGEST_FILE);
            }
            requireMemory("reading " + path, size, memory);
            byte[] file = Files.readAllBytes(path);
            Exif exif = Exif.of(file);
            JpegProfile.hide(file);
            return new Photograph(decode(path, file, memory).upright(exif.orientation()), exif.focalLength35mm());
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

    private static ImageException unknown(Path path, byte[] file) {
        if (Exif.isWebP(file)) {
            return new ImageException(
                    path + " is a WebP image, for which there is no reader: expected one on the class path,"
                            + " such as com.twelvemonkeys.imageio:imageio-webp");
        }
        TreeSet<String> formats = new TreeSet<>();
        for (String suffix : ImageIO.getReaderFileSuffixes()) {
            formats.add(suffix.toLowerCase(Locale.ROOT));
        }
        return new ImageException(path + (file.length == 0 ? " is empty" : " is no image of a known format")
                + ", expected one of " + String.join(", ", formats));
    }

    private static Pixels decode(Path path, byte[] file, long memory) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw unknown(path, file);
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return decode(path, file, reader, memory);
            } catch (ImageException | InsufficientMemoryException e) {
                throw e;
            } catch (RuntimeException e) { // decoders throw whatever they trip over
                throw new ImageException(path + " cannot be decoded: " + reason(e), e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Pixels decode(Path path, byte[] file, ImageReader reader, long memory) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        Pixels.requireFits(path.toString(), width, height);
        ImageTypeSpecifier stored = storedType(reader);
        requireMemory(
                "decoding %s, %d×%d pixels,".formatted(path, width, height),
                file.length + (KEPT_BYTES + decodedBytes(stored)) * width * height,
                memory);
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        Pixels pixels;
        if (CmykJpeg.is(file)) {
            pixels = CmykJpeg.convert(file, reader.readRaster(0, null));
        } else {
            ImageReadParam asStored = reader.getDefaultReadParam();
            asStored.setDestinationType(stored);
            BufferedImage image = reader.read(0, asStored);
            pixels = Pixels.of(path.toString(), image);
        }
        for (String warning : warnings) { // a JPEG that ends early is completed in grey, with no more than a warning
            if (warning.contains("Truncated") || warning.contains("Premature")) {
                throw new ImageException(path + " is cut short after " + file.length + " bytes: " + warning);
            }
        }
        return pixels;
    }

    /**
     * What the image is decoded to: samples as they are in the file. A reader whose first choice is sRGB would convert them by the
     * file's colour profile, as WebP's does; the profile's own colours are another choice. Null for sorts that have to be asked for by raster.
     */
    private static @Nullable ImageTypeSpecifier storedType(ImageReader reader) throws IOException {
        ImageTypeSpecifier first = null;
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        while (types.hasNext()) {
            ImageTypeSpecifier type = types.next();
            first = first == null ? type : first;
            ColorSpace space = type.getColorModel().getColorSpace();
            if (space.getType() == ColorSpace.TYPE_RGB && !space.isCS_sRGB()) {
                return type;
            }
        }
        return first;
    }

    /** Bytes of a pixel as it is decoded; of sorts that have to be asked for by raster, four. */
    private static long decodedBytes(@Nullable ImageTypeSpecifier type) {
        if (type == null) {
            return 4;
        }
        int bits = 0;
        for (int each : type.getSampleModel().getSampleSize()) {
            bits += each;
        }
        return Math.ceilDiv(bits, Byte.SIZE);
    }

    private static void requireMemory(String task, long bytes, long available) {
        if (bytes > available) {
            throw new InsufficientMemoryException(
                    task, bytes, available, "take a smaller image, or give Java more memory (-Xmx)");
        }
    }
}
