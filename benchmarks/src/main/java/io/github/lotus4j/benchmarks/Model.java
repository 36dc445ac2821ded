package io.github.lotus4j.benchmarks;

import io.github.lotus4j.NoiseImage;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The checkpoints that are measured. */
public enum Model {
    /** The embedded miniature, at its own resolution. */
    NANO(128),
    /** Synthetic weights of Stable Diffusion 2's size, as float16. */
    SD2(512);

    static final Path WORK = Path.of("benchmarks", "target");

    private final int side;

    Model(int side) {
        this.side = side;
    }

    /** Of the square image, in pixels. */
    int side() {
        return side;
    }

    /** A square image, the same each time. */
    static RgbImage noise(int side) {
        return NoiseImage.of(side, side, 1);
    }

    /** The folder; the synthetic checkpoint is written there once, 2.6 GB. */
    Path folder() throws IOException {
        if (this == NANO) {
            return Path.of(
                    "lotus-nano",
                    "src",
                    "main",
                    "resources",
                    "io",
                    "github",
                    "lotus4j",
                    "nano",
                    "lotus-nano-disparity-d");
        }
        Path folder = WORK.resolve("lotus-depth-d-sd2-size");
        Path complete = folder.resolve("complete");
        if (!Files.exists(complete)) {
            SyntheticCheckpoint.write(Files.createDirectories(folder), Architecture.FULL, Mode.D, 0, DType.F16);
            Files.createFile(complete);
        }
        return folder;
    }
}
