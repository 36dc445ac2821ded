package io.github.lotus4j.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * One chunk of a PNG. W3C, PNG specification, third edition, 5.3.
 *
 * @param type four letters, big-endian
 * @param content what is between type and checksum, big-endian
 */
record PngChunk(int type, ByteBuffer content) {
    /** {@code IHDR}, the first one. */
    static final int HEADER = 0x49484452;
    /** {@code eXIf}. */
    static final int EXIF = 0x65584966;
    /** {@code IEND}, the last one. */
    static final int END = 0x49454e44;

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int AROUND = 12; // length, type, checksum

    /** Whether a file begins as a PNG does. */
    static boolean isPng(byte[] file) {
        return file.length > SIGNATURE.length
                && Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /** The first chunk of this type up to the last one; none in a file that is no PNG, or ends before it, or within it. */
    static Optional<PngChunk> find(byte[] file, int type) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        long at = isPng(file) ? SIGNATURE.length : file.length;
        while (at + AROUND <= file.length) {
            int length = bytes.getInt((int) at);
            int found = bytes.getInt((int) at + 4);
            if (length < 0 || at + AROUND + length > file.length) {
                return Optional.empty();
            }
            if (found == type) {
                return Optional.of(new PngChunk(found, bytes.slice((int) at + 8, length)));
            }
            if (found == END) { // what follows is no chunk
                return Optional.empty();
            }
            at += AROUND + length;
        }
        return Optional.empty();
    }
}
