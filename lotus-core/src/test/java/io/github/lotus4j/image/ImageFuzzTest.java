package io.github.lotus4j.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lotus4j.weights.Hostile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Arbitrary bytes in the place of an image, of whatever format they look like. */
@Tag("fuzz")
class ImageFuzzTest {
    /** An image may be far larger than its file; that it fits is checked before it is decoded. */
    private static final long MEMORY = 64_000_000;

    @TempDir
    private static Path folder;

    @FuzzTest
    void image(byte[] input) throws IOException {
        Path file = folder.resolve("image");
        Hostile.readFile(file, input, MEMORY, () -> ImageFile.read(file, MEMORY));
        Hostile.read(4L * input.length, () -> ImageFile.size("image", input));
    }
}
