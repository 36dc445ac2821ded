package io.github.lotus4j.image;

import io.github.lotus4j.error.InsufficientMemoryException;
import java.awt.Dimension;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Image files of the formats that Java reads: PNG, JPEG, TIFF, BMP, GIF, and of those whose readers are on the class path, as WebP's
 * and one of more sorts of TIFF are beside the command. Colour profiles are not applied, as the reference does not.
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
            return decode(path.toString(), Files.readAllBytes(path), memory);
        } catch (AccessDeniedException e) {
            throw new ImageException(path + " cannot be read: permission denied", e);
        } catch (IOException e) {
            throw new ImageException(path + " cannot be read: " + reason(e), e);
        }
    }

    /**
     * As {@link #readPhotograph}, of a file in memory.
     *
     * @param name for messages
     * @param file not changed
     * @throws ImageException as {@link #read}
     */
    public static Photograph decode(String name, byte[] file) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        try {
            return decode(name, file.clone(), Runtime.getRuntime().maxMemory());
        } catch (IOException e) {
            throw undecoded(name, file, e);
        }
    }

    /**
     * The first image of a file in memory as it is stored: with its own samples, not turned upright. Checked as {@link #decode}
     * checks it; a JPEG of four inks is refused.
     *
     * @param name for messages
     * @param file not changed
     * @throws ImageException as {@link #read}
     * @throws InsufficientMemoryException if Java's heap is too small for it
     */
    public static BufferedImage decodeStored(String name, byte[] file) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        byte[] copy = file.clone();
        JpegProfile.hide(copy);
        try {
            return withReader(
                    name,
                    copy,
                    reader -> decode(name, copy, reader, Runtime.getRuntime().maxMemory(), stored -> {
                        if (CmykJpeg.is(copy)) {
                            throw new ImageException(name + " is a JPEG of four inks, expected grey or colours");
                        }
                        return image(name, copy, reader, stored);
                    }));
        } catch (IOException e) {
            throw undecoded(name, file, e);
        }
    }

    /**
     * What the header of a file in memory says of the first image's size, as it is stored, perhaps not upright. Nothing is decoded.
     *
     * @param name for messages
     * @throws ImageException if it has no header of a known format
     */
    public static Dimension size(String name, byte[] file) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        try {
            return withReader(name, file, reader -> new Dimension(reader.getWidth(0), reader.getHeight(0)));
        } catch (IOException e) {
            throw undecoded(name, file, e);
        }
    }

    /** @param file whose colour profile is hidden */
    private static Photograph decode(String name, byte[] file, long memory) throws IOException {
        Exif exif = Exif.of(file);
        JpegProfile.hide(file);
        Pixels pixels = withReader(
                name, file, reader -> decode(name, file, reader, memory, stored -> pixels(name, file, reader, stored)));
        return new Photograph(pixels.upright(exif.orientation()), exif.focalLength35mm());
    }

    /** A decoder's own words only where nothing better is known. */
    private static ImageException undecoded(String name, byte[] file, Exception e) {
        return Truncation.of(file, e)
                ? new ImageException(
                        name + " is cut short or damaged: it ends after " + file.length
                                + " bytes, before the image does",
                        e)
                : new ImageException(name + " cannot be decoded: " + reason(e), e);
    }

    private static String reason(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static ImageException unknown(String name, byte[] file) {
        if (Exif.isWebP(file)) {
            return new ImageException(
                    name + " is a WebP image, for which there is no reader: expected one on the class path,"
                            + " such as com.twelvemonkeys.imageio:imageio-webp");
        }
        TreeSet<String> formats = new TreeSet<>();
        for (String suffix : ImageIO.getReaderFileSuffixes()) {
            formats.add(suffix.toLowerCase(Locale.ROOT));
        }
        return new ImageException(name + (file.length == 0 ? " is empty" : " is no image of a known format")
                + ", expected one of " + String.join(", ", formats));
    }

    private interface Reading<T> {
        T from(ImageReader reader) throws IOException;
    }

    private static <T> T withReader(String name, byte[] file, Reading<T> reading) throws IOException {
        try (ImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) { // ImageIO's own is a file
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw unknown(name, file);
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return reading.from(reader);
            } catch (ImageException | InsufficientMemoryException e) {
                throw e;
            } catch (IOException | RuntimeException e) { // decoders throw whatever they trip over
                throw undecoded(name, file, e);
            } catch (OutOfMemoryError e) { // before the size is known: of what a decoder wants on a damaged file's word
                throw new ImageException(name + " cannot be decoded with Java's memory: it is damaged", e);
            } finally {
                reader.dispose();
            }
        }
    }

    private interface Decoding<T> {
        T as(@Nullable ImageTypeSpecifier stored) throws IOException;
    }

    /** Decodes what was found to be sound, and to fit into the memory. */
    private static <T> T decode(String name, byte[] file, ImageReader reader, long memory, Decoding<T> decoding)
            throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        Pixels.requireFits(name, width, height);
        if (Truncation.isTooShort(file)) {
            throw new ImageException("%s is cut short or damaged: its %d bytes cannot hold its header's %d×%d pixels"
                    .formatted(name, file.length, width, height));
        }
        requireFewBits(name, file);
        ImageTypeSpecifier stored = storedType(reader);
        String task = "decoding %s, %d×%d pixels,".formatted(name, width, height);
        long bytes = 2L * file.length + (KEPT_BYTES + decodedBytes(stored)) * width * height;
        requireMemory(task, bytes, memory);
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        T decoded;
        try {
            decoded = decoding.as(stored);
        } catch (OutOfMemoryError e) {
            throw InsufficientMemoryException.ofSharedHeap(task, bytes, e);
        }
        for (String warning : warnings) { // a JPEG that ends early is completed in grey, with no more than a warning
            if (warning.contains("Truncated")
                    || warning.toLowerCase(Locale.ROOT).contains("premature")) {
                throw new ImageException(name + " is cut short after " + file.length + " bytes: " + warning);
            }
        }
        return decoded;
    }

    private static Pixels pixels(String name, byte[] file, ImageReader reader, @Nullable ImageTypeSpecifier stored)
            throws IOException {
        return CmykJpeg.is(file)
                ? CmykJpeg.convert(file, reader.readRaster(0, null))
                : Pixels.of(name, image(name, file, reader, stored));
    }

    private static BufferedImage image(
            String name, byte[] file, ImageReader reader, @Nullable ImageTypeSpecifier stored) throws IOException {
        ImageReadParam asStored = reader.getDefaultReadParam();
        asStored.setDestinationType(stored);
        BufferedImage image = reader.read(0, asStored);
        requireFloatsAsSuch(name, file, image);
        return image;
    }

    /** Of whole numbers of more bits, Java's own TIFF reader makes a table of all values that they can have. */
    private static void requireFewBits(String name, byte[] file) {
        if (!Exif.isTiff(file)) {
            return;
        }
        Exif tiff = Exif.of(file);
        int most = Arrays.stream(tiff.bitsPerSample()).max().orElse(0);
        if (most > Short.SIZE && !tiff.floatingPoint()) {
            throw new ImageException("%s has samples of %d bits, expected at most %d, or floating-point numbers"
                    .formatted(name, most, Short.SIZE));
        }
    }

    /** Java's own TIFF reader takes the bits of half-precision numbers for whole ones. */
    private static void requireFloatsAsSuch(String name, byte[] file, BufferedImage image) {
        int type = image.getRaster().getTransferType();
        boolean floats = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        if (!floats && Exif.isTiff(file) && Exif.of(file).floatingPoint()) {
            throw new ImageException(
                    name + " has floating-point samples of fewer than 32 bits, for which there is no reader:"
                            + " expected one on the class path, such as com.twelvemonkeys.imageio:imageio-tiff");
        }
    }

    /**
     * What the image is decoded to: samples as they are in the file. A reader whose first choice is sRGB would convert them by the
     * file's colour profile, as WebP's does; the profile's own colours are another choice. Where colours are stored multiplied by
     * their opacity, they have to be known as such. Null for sorts that have to be asked for by raster.
     */
    private static @Nullable ImageTypeSpecifier storedType(ImageReader reader) throws IOException {
        ImageTypeSpecifier raw = reader.getRawImageType(0);
        if (raw != null && raw.getColorModel().isAlphaPremultiplied()) {
            return raw;
        }
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
