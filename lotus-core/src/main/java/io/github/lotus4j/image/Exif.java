package io.github.lotus4j.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** What a camera noted beside its image, in a JPEG's, PNG's or WebP's Exif data or a TIFF file's own tags. Exif 2.32. */
final class Exif {
    private static final int ORIENTATION = 0x0112;
    private static final int BITS_PER_SAMPLE = 0x0102;
    private static final int SAMPLE_FORMAT = 0x0153;
    private static final int IEEE_FLOATING_POINT = 3;
    private static final int EXIF_DIRECTORY = 0x8769;
    private static final int FOCAL_LENGTH_IN_35MM_FILM = 0xa405;
    private static final int BIG_TIFF = 43;
    private static final int APP1 = 0xe1;
    private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final int WEBP = 0x57454250;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** A TIFF structure, in its byte order; empty where there is none. */
    private final ByteBuffer tiff;

    /** Whether it is a BigTIFF, whose offsets and counts have 64 bits. */
    private final boolean big;

    private Exif(ByteBuffer tiff) {
        this.tiff = tiff;
        if (tiff.limit() >= 2) {
            tiff.order(tiff.getShort(0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        }
        big = tiff.limit() >= 4 && tiff.getShort(2) == BIG_TIFF;
    }

    /** What a file holds; nothing where it has none, or cannot be understood: an image is not worse for a broken remark. */
    static Exif of(byte[] file) {
        try {
            return new Exif(find(file));
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            return new Exif(NONE);
        }
    }

    private static ByteBuffer find(byte[] file) {
        if (PngChunk.isPng(file)) {
            return PngChunk.find(file, PngChunk.EXIF).map(PngChunk::content).orElse(NONE);
        }
        if (isTiff(file)) {
            return ByteBuffer.wrap(file);
        }
        if (isWebP(file)) {
            return findInWebP(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        }
        return JpegSegment.find(file, segment -> segment.marker() == APP1 && segment.startsWith(PREFIX))
                .map(JpegSegment::content)
                .map(exif -> exif.slice(PREFIX.length, exif.limit() - PREFIX.length))
                .orElse(NONE);
    }

    /** Whether a file begins as a TIFF or a BigTIFF does. */
    static boolean isTiff(byte[] file) {
        return startsWith(file, "II*\0")
                || startsWith(file, "MM\0*")
                || startsWith(file, "II+\0")
                || startsWith(file, "MM\0+");
    }

    /** Whether a file begins as a WebP image does. RFC 9649. */
    static boolean isWebP(byte[] file) {
        return file.length >= 12
                && startsWith(file, "RIFF")
                && ByteBuffer.wrap(file).getInt(8) == WEBP;
    }

    /** Chunks of even length, the prefix being a JPEG's habit that some programs keep. RFC 9649. */
    private static ByteBuffer findInWebP(ByteBuffer file) {
        int at = 12;
        while (at + 8 <= file.limit()) {
            int length = file.getInt(at + 4);
            if (file.getInt(at) == 0x46495845) { // EXIF
                ByteBuffer exif = file.slice(at + 8, length);
                boolean prefixed =
                        length >= PREFIX.length && exif.slice(0, PREFIX.length).equals(ByteBuffer.wrap(PREFIX));
                return prefixed ? exif.slice(PREFIX.length, length - PREFIX.length) : exif;
            }
            if (length < 0) {
                return NONE;
            }
            at = Math.addExact(at, Math.addExact(8 + (length & 1), length));
        }
        return NONE;
    }

    private static boolean startsWith(byte[] file, String magic) {
        return file.length >= magic.length()
                && Arrays.equals(file, 0, magic.length(), magic.getBytes(StandardCharsets.US_ASCII), 0, magic.length());
    }

    /** Upright where it is not said. */
    Orientation orientation() {
        try {
            int value = value(firstDirectory(), ORIENTATION);
            return value < 0 ? Orientation.UPRIGHT : Orientation.of(tiff.getShort(value));
        } catch (IndexOutOfBoundsException e) {
            return Orientation.UPRIGHT;
        }
    }

    /** The focal length of a lens that would see as much on 36 mm × 24 mm film, in millimetres. */
    OptionalInt focalLength35mm() {
        try {
            int pointer = value(firstDirectory(), EXIF_DIRECTORY);
            int value = pointer < 0 ? -1 : value(tiff.getInt(pointer), FOCAL_LENGTH_IN_35MM_FILM);
            int millimetres = value < 0 ? 0 : tiff.getShort(value) & 0xffff;
            return millimetres > 0 ? OptionalInt.of(millimetres) : OptionalInt.empty(); // 0 stands for unknown
        } catch (IndexOutOfBoundsException e) {
            return OptionalInt.empty();
        }
    }

    /** Whether a TIFF file's samples are floating-point numbers. TIFF 6.0, tag 339. */
    boolean floatingPoint() {
        int[] formats = numbers(SAMPLE_FORMAT);
        return formats.length > 0 && formats[0] == IEEE_FLOATING_POINT;
    }

    /** Of a TIFF file's samples of a pixel, one after the other; none where it does not say. TIFF 6.0, tag 258. */
    int[] bitsPerSample() {
        return numbers(BITS_PER_SAMPLE);
    }

    /** The numbers of 16 bits that a tag has, as far as they lie in the file. */
    private int[] numbers(int tag) {
        try {
            int value = value(firstDirectory(), tag);
            if (value < 0) {
                return new int[0];
            }
            long count = big ? tiff.getLong(value - 8) : tiff.getInt(value - 4) & 0xffffffffL;
            boolean inPlace = count <= (big ? 4 : 2);
            int first = inPlace ? value : big ? offset(value) : tiff.getInt(value);
            if (first < 0) { // beyond what an array holds
                return new int[0];
            }
            int within = Math.clamp(count, 0, Math.max(0, (tiff.limit() - first) / Short.BYTES));
            int[] numbers = new int[within];
            for (int i = 0; i < within; i++) {
                numbers[i] = tiff.getShort(first + Short.BYTES * i) & 0xffff;
            }
            return numbers;
        } catch (IndexOutOfBoundsException e) {
            return new int[0];
        }
    }

    /** Whether the first directory and its values lie in the file, as those of a whole TIFF file do; not asked of pixels. */
    boolean hasDirectory() {
        try {
            int directory = firstDirectory();
            long entries = entries(directory);
            for (long i = 0; i < entries; i++) {
                int entry = entry(directory, i);
                long count = big ? tiff.getLong(entry + 4) : tiff.getInt(entry + 4) & 0xffffffffL;
                long bytes = count * bytesOf(tiff.getShort(entry + 2));
                long offset = big ? tiff.getLong(entry + 12) : tiff.getInt(entry + 8) & 0xffffffffL;
                if (bytes > (big ? 8 : 4) && offset + bytes > tiff.limit()) {
                    return false;
                }
            }
            return true;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Of a value of this type; where it is unknown, the least. TIFF 6.0, section 2, and BigTIFF's own. */
    private static int bytesOf(short type) {
        return switch (type) {
            case 3, 8 -> Short.BYTES;
            case 4, 9, 11, 13 -> Integer.BYTES;
            case 5, 10, 12, 16, 17, 18 -> Long.BYTES;
            default -> Byte.BYTES;
        };
    }

    private int firstDirectory() {
        return big ? offset(8) : tiff.getInt(4);
    }

    /** One of 64 bits, as BigTIFF has them; of a file larger than an array, one that is outside. */
    private int offset(int at) {
        return (int) Math.clamp(tiff.getLong(at), -1L, Integer.MAX_VALUE);
    }

    private long entries(int directory) {
        return big ? tiff.getLong(directory) : tiff.getShort(directory) & 0xffff;
    }

    /** Where the entry of this number begins; outside of a file that is cut short. */
    private int entry(int directory, long number) {
        return (int) (big ? directory + 8 + 20 * number : directory + 2 + 12 * number);
    }

    /** Where the value of a directory's entry of this tag lies, if it is no larger than an offset; -1 if it has none. */
    private int value(int directory, int tag) {
        long entries = entries(directory);
        for (long i = 0; i < entries; i++) {
            int entry = entry(directory, i);
            if ((tiff.getShort(entry) & 0xffff) == tag) {
                return entry + (big ? 12 : 8);
            }
        }
        return -1;
    }
}
