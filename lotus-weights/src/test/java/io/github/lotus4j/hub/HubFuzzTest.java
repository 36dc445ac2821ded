package io.github.lotus4j.hub;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lotus4j.weights.Hostile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** Arbitrary bytes in the place of a hub's answers, and of a reference that a user writes. */
@Tag("fuzz")
class HubFuzzTest {
    private static final long PER_BYTE = 400;
    private static final Path CACHE = Path.of("snapshot");

    @FuzzTest
    void listing(byte[] input) throws IOException {
        Hostile.read(PER_BYTE * input.length, () -> {
            for (String file : RepositoryListing.parse(input, "owner/name").files()) {
                if (!CACHE.resolve(file).normalize().startsWith(CACHE) || file.contains("\\")) {
                    throw new AssertionError("leads out of its folder: " + file);
                }
            }
        });
    }

    @FuzzTest
    void tag(byte[] input) throws IOException {
        Hostile.read(PER_BYTE * input.length, () -> ContentHash.ofTag(new String(input, StandardCharsets.ISO_8859_1)));
    }

    @FuzzTest
    void reference(byte[] input) throws IOException {
        Hostile.read(PER_BYTE * input.length, () -> HubReference.of(new String(input, StandardCharsets.UTF_8)));
    }
}
