package io.github.lotus4j.image;

import java.io.EOFException;
import org.jspecify.annotations.Nullable;

/** Whether an image could not be decoded because its file ends too early, of which decoders say many things. */
final class Truncation {
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
