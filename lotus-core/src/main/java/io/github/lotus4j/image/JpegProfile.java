package io.github.lotus4j.image;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The colour profile of a JPEG, in one or several segments. ICC.1:2022, annex B.4. */
final class JpegProfile {
    private static final int APP2 = 0xe2;
    private static final byte[] PREFIX = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

    private JpegProfile() {}

    /** Makes it something unknown: Java's reader converts colours by every profile that it sees, and cannot be told otherwise. */
    static void hide(byte[] file) {
        Optional<JpegSegment> seen = find(file);
        while (seen.isPresent()) {
            seen.get().content().put(0, (byte) 0);
            seen = find(file);
        }
    }

    private static Optional<JpegSegment> find(byte[] file) {
        return JpegSegment.find(file, segment -> segment.marker() == APP2 && segment.startsWith(PREFIX));
    }
}
