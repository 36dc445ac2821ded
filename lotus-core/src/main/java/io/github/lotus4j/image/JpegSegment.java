package io.github.lotus4j.image;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One segment of a JPEG, up to the one that its pixels begin with. ITU-T T.81, annex B.
 *
 * @param marker the second byte of its marker, 0xc0 to 0xfe
 * @param content what follows its length, big-endian
 */
record JpegSegment(int marker, ByteBuffer content) {
    /** What the pixels begin with. */
    static final int START_OF_SCAN = 0xda;

    /** The first segment that fits, up to the first scan; none in a file that is no JPEG, or broken before it. */
    static Optional<JpegSegment> find(byte[] file, Predicate<JpegSegment> fits) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (!isJpeg(file)) {
            return Optional.empty();
        }
        int at = 2;
        while (at + 4 <= file.length && (file[at] & 0xff) == 0xff) {
            int marker = file[at + 1] & 0xff;
            int length = bytes.getShort(at + 2) & 0xffff;
            if (length < 2 || at + 2 + length > file.length) {
                break;
            }
            JpegSegment segment = new JpegSegment(marker, bytes.slice(at + 4, length - 2));
            if (fits.test(segment)) {
                return Optional.of(segment);
            }
            if (marker == START_OF_SCAN) {
                break;
            }
            at += 2 + length;
        }
        return Optional.empty();
    }

    /** Whether a file begins as a JPEG does. */
    static boolean isJpeg(byte[] file) {
        return file.length >= 4 && ByteBuffer.wrap(file).getShort(0) == (short) 0xffd8;
    }

    boolean startsWith(byte[] prefix) {
        return content.limit() >= prefix.length
                && content.slice(0, prefix.length).equals(ByteBuffer.wrap(prefix));
    }
}
