package io.github.lotus4j.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How a camera held its image: Exif 2.32, tag 0x0112. In the order of the tag's values, 1 to 8. */
enum Orientation {
    UPRIGHT,
    MIRRORED,
    UPSIDE_DOWN,
    UPSIDE_DOWN_MIRRORED,
    TRANSPOSED,
    RIGHT_TURN_NEEDED,
    TRANSVERSED,
    LEFT_TURN_NEEDED;

    private static final int TAG = 0x0112;
    private static final int APP1 = 0xe1;
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /** Whether rows and columns change places. */
    boolean turned() {
        return compareTo(TRANSPOSED) >= 0;
    }

    /** The stored column of the pixel that belongs at {@code (x, y)}; width and height are the stored ones. */
    int sourceX(int x, int y, int width, int height) {
        return switch (this) {
            case UPRIGHT, UPSIDE_DOWN_MIRRORED -> x;
            case MIRRORED, UPSIDE_DOWN -> width - 1 - x;
            case TRANSPOSED, RIGHT_TURN_NEEDED -> y;
            case TRANSVERSED, LEFT_TURN_NEEDED -> width - 1 - y;
        };
    }

    int sourceY(int x, int y, int width, int height) {
        return switch (this) {
            case UPRIGHT, MIRRORED -> y;
            case UPSIDE_DOWN, UPSIDE_DOWN_MIRRORED -> height - 1 - y;
            case TRANSPOSED, LEFT_TURN_NEEDED -> x;
            case RIGHT_TURN_NEEDED, TRANSVERSED -> height - 1 - x;
        };
    }

    /** From the Exif data of a JPEG or PNG file, or a TIFF file's own; upright where there is none, or it cannot be understood. */
    static Orientation of(byte[] file) {
        try {
            if (file.length > PNG.length && Arrays.equals(file, 0, PNG.length, PNG, 0, PNG.length)) {
                return ofPng(ByteBuffer.wrap(file));
            }
            if (file.length >= 8 && (startsWith(file, "II*\0") || startsWith(file, "MM\0*"))) {
                return ofTiff(ByteBuffer.wrap(file));
            }
            return JpegSegment.find(file, segment -> segment.marker() == APP1 && segment.startsWith(EXIF))
                    .map(JpegSegment::content)
                    .map(exif -> ofTiff(exif.slice(EXIF.length, exif.limit() - EXIF.length)))
                    .orElse(UPRIGHT);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            return UPRIGHT; // an image is not worse for a broken remark
        }
    }

    private static boolean startsWith(byte[] file, String magic) {
        return Arrays.equals(file, 0, magic.length(), magic.getBytes(StandardCharsets.US_ASCII), 0, magic.length());
    }

    private static Orientation ofPng(ByteBuffer file) {
        int at = 8;
        while (at + 8 <= file.limit()) {
            int length = file.getInt(at);
            int type = file.getInt(at + 4);
            if (type == 0x65584966) { // eXIf
                return ofTiff(file.slice(at + 8, length));
            }
            if (type == 0x49454e44 || length < 0) { // IEND; what follows is no chunk
                return UPRIGHT;
            }
            at = Math.addExact(at, Math.addExact(length, 12));
        }
        return UPRIGHT;
    }

    private static Orientation ofTiff(ByteBuffer tiff) {
        tiff.order(tiff.getShort(0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = tiff.getInt(4);
        int entries = tiff.getShort(directory) & 0xffff;
        for (int i = 0; i < entries; i++) {
            int entry = directory + 2 + 12 * i;
            if ((tiff.getShort(entry) & 0xffff) == TAG) {
                int value = tiff.getShort(entry + 8);
                return value >= 1 && value <= 8 ? values()[value - 1] : UPRIGHT;
            }
        }
        return UPRIGHT;
    }
}
