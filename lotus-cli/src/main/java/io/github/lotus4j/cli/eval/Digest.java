package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells images apart by their pixels. */
final class Digest {
    private Digest() {}

    /** SHA-256 of the size and all samples, in hexadecimal digits. */
    static String of(RgbImage image) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(image.width())
                    .putInt(image.height())
                    .array());
            return HexFormat.of().formatHex(digest.digest(image.toArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
