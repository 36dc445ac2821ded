package io.github.lotus4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * What the hub calls a file by: the SHA-256 of large ones, which it keeps apart (Git LFS), and git's own hash, a SHA-1, of those
 * in the repository itself.
 *
 * @param hex the name of the blob in the cache: 64 or 40 hexadecimal digits, in small letters
 */
record ContentHash(String hex) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int SHA_256_DIGITS = 64;
    private static final int BUFFER = 1 << 20;

    /** From an entity tag, which may be weak and is quoted; empty where the tag is not a hash of the content. */
    static Optional<ContentHash> ofTag(String tag) {
        String hex = tag.strip().replaceFirst("^W/", "").replace("\"", "").toLowerCase(Locale.ROOT);
        return HEX.matcher(hex).matches() ? Optional.of(new ContentHash(hex)) : Optional.empty();
    }

    String algorithm() {
        return hex.length() == SHA_256_DIGITS ? "SHA-256" : "SHA-1";
    }

    /**
     * The same hash of a file's content.
     *
     * @param read is told how many bytes were read since it was told last
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    String of(Path file, LongConsumer read) throws IOException {
        MessageDigest digest = digest();
        if (hex.length() != SHA_256_DIGITS) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII)); // as git has it
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
                read.accept(count);
                if (Thread.currentThread().isInterrupted()) {
                    throw Retries.cancelled();
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has both
        }
    }
}
