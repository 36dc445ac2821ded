package io.github.lotus4j.cli.eval;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lotus4j.weights.Hostile;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Arbitrary bytes in the place of a benchmark's files. */
@Tag("fuzz")
class EvalFuzzTest {
    /** What is compressed may become so many times larger, as numbers of 32 bits. */
    private static final long COMPRESSED = 4 * 4 * 1032L;

    @FuzzTest
    void numpyArray(byte[] input) throws IOException {
        Hostile.read(
                20L * input.length, () -> NpyArray.parse("array.npy", input).plane("array.npy", 1));
    }

    @FuzzTest
    void openExr(byte[] input) throws IOException {
        Hostile.read(COMPRESSED * input.length, () -> ExrImage.parse("image.exr", input));
    }

    @FuzzTest
    void pickle(byte[] input) throws IOException {
        Hostile.read(200L * input.length, () -> PickledNormals.parse("normals.pkl", input));
    }

    @FuzzTest
    void png(byte[] input) throws IOException {
        Hostile.read(COMPRESSED * input.length, () -> PngSamples.parse("samples.png", input, 1));
    }
}
