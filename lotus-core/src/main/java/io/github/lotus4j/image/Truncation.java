package io.github.lotus4j.image;

import java.io.EOFException;
import org.jspecify.annotations.Nullable;

/** Whether an image could not be decoded because its file ends too early, of which decoders say many things. */
final class Truncation {
    /** Bytes that one can stand for: a match of 258 in two bits. RFC 1951. */
    private static final int DEFLATE = 1032;

    /** By the header's colour type. W3C, PNG specification, third edition, 11.2.1. */
    private static final int[] PNG_CHANNELS = {1, 0, 3, 1, 2, 0, 4, 0};

    private Truncation() {}

    /** @param failure the decoder's */
    static boolean of(byte[] file, Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof EOFException) {
                return true;
            }
        }
        return isIncomplete(file);
    }

    /** Whether a PNG is too short for its header's pixels, however well they are packed: known before memory is taken for them. */
    static boolean isTooShort(byte[] file) {
        return PngChunk.find(file, PngChunk.HEADER)
                .map(PngChunk::content)
                .filter(header -> header.remaining() >= 10)
                .map(header -> {
                    long samples = (long) header.getInt(0) * header.getInt(4) * PNG_CHANNELS[header.get(9) & 7];
                    return samples * header.get(8) / Byte.SIZE > (long) DEFLATE * file.length;
                })
                .orElse(false);
    }

    private static boolean isIncomplete(byte[] file) {
        if (PngChunk.isPng(file)) {
            return PngChunk.find(file, PngChunk.END).isEmpty();
        }
        if (JpegSegment.isJpeg(file)) {
            return JpegSegment.find(file, each -> each.marker() == JpegSegment.START_OF_SCAN)
                    .isEmpty();
        }
        if (Exif.isTiff(file)) {
            return !Exif.of(file).hasDirectory();
        }
        boolean gif = file.length > 3 && file[0] == 'G' && file[1] == 'I' && file[2] == 'F';
        return gif && file[file.length - 1] != ';'; // its last byte. CompuServe, GIF 89a, 27
    }
}
