package io.github.lotus4j.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** What a camera noted beside its image, in a JPEG's, PNG's or WebP's Exif data or a TIFF file's own tags. Exif 2.32. */
final class Exif {
    private static final int ORIENTATION = 0x0112;
    private static final int EXIF_DIRECTORY = 0x8769;
    private static final int FOCAL_LENGTH_IN_35MM_FILM = 0xa405;
    private static final int APP1 = 0xe1;
    private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int WEBP = 0x57454250;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** A TIFF structure, in its byte order; empty where there is none. */
    private final ByteBuffer tiff;

    private Exif(ByteBuffer tiff) {
        this.tiff = tiff;
        if (tiff.limit() >= 2) {
            tiff.order(tiff.getShort(0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        }
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
        if (file.length > PNG.length && Arrays.equals(file, 0, PNG.length, PNG, 0, PNG.length)) {
            return findInPng(ByteBuffer.wrap(file));
        }
        if (file.length >= 8 && (startsWith(file, "II*\0") || startsWith(file, "MM\0*"))) {
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
        return Arrays.equals(file, 0, magic.length(), magic.getBytes(StandardCharsets.US_ASCII), 0, magic.length());
    }

    private static ByteBuffer findInPng(ByteBuffer file) {
        int at = 8;
        while (at + 8 <= file.limit()) {
            int length = file.getInt(at);
            int type = file.getInt(at + 4);
            if (type == 0x65584966) { // eXIf
                return file.slice(at + 8, length);
            }
            if (type == 0x49454e44 || length < 0) { // IEND; what follows is no chunk
                return NONE;
            }
            at = Math.addExact(at, Math.addExact(length, 12));
        }
        return NONE;
    }

    /** Upright where it is not said. */
    Orientation orientation() {
        try {
            int entry = entry(tiff.getInt(4), ORIENTATION);
            return entry < 0 ? Orientation.UPRIGHT : Orientation.of(tiff.getShort(entry + 8));
        } catch (IndexOutOfBoundsException e) {
            return Orientation.UPRIGHT;
        }
    }

    /** The focal length of a lens that would see as much on 36 mm × 24 mm film, in millimetres. */
    OptionalInt focalLength35mm() {
        try {
            int pointer = entry(tiff.getInt(4), EXIF_DIRECTORY);
            int entry = pointer < 0 ? -1 : entry(tiff.getInt(pointer + 8), FOCAL_LENGTH_IN_35MM_FILM);
            int millimetres = entry < 0 ? 0 : tiff.getShort(entry + 8) & 0xffff;
            return millimetres > 0 ? OptionalInt.of(millimetres) : OptionalInt.empty(); // 0 stands for unknown
        } catch (IndexOutOfBoundsException e) {
            return OptionalInt.empty();
        }
    }

    /** Where a directory's entry of this tag starts; -1 if it has none. */
    private int entry(int directory, int tag) {
        int entries = tiff.getShort(directory) & 0xffff;
        for (int i = 0; i < entries; i++) {
            int entry = directory + 2 + 12 * i;
            if ((tiff.getShort(entry) & 0xffff) == tag) {
                return entry;
            }
        }
        return -1;
    }
}
