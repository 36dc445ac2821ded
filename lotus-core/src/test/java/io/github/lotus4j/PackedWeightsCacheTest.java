package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.faults.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed weights that are kept between loads, of the embedded miniature, as files. */
class PackedWeightsCacheTest {
    private static final Path NANO = Path.of("..", "lotus-nano", "src/main/resources/io/github/lotus4j/nano");
    private static final Path DISPARITY = NANO.resolve("lotus-nano-disparity-d");
    private static final RgbImage IMAGE = NoiseImage.of(32, 24, 1);
    private static float[] expected;

    @TempDir
    private Path folder;

    @BeforeAll
    static void predictWithout() {
        expected = predict(Lotus.builder().depth(DISPARITY));
    }

    private static float[] predict(LotusBuilder builder) {
        try (Lotus lotus = builder.backend("cpu").threads(2).build()) {
            return lotus.predictDepth(IMAGE, PredictionOptions.DEFAULT.withProcessingResolution(0))
                    .toArray();
        }
    }

    private Path cache() {
        return folder.resolve("made/when/needed");
    }

    private float[] predictWith(Path checkpoint) {
        return predict(Lotus.builder().depth(checkpoint).packedWeightsCache(cache()));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(cache())) {
            return files.toList();
        }
    }

    private Path file() throws IOException {
        assertThat(files()).hasSize(1);
        return files().getFirst();
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Test
    void sameBitsWhetherWrittenOrRead() throws IOException {
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        Object written = identity(file());
        assertThat(file().getFileName().toString()).matches("lotus-nano-disparity-d-[0-9a-f]{16}\\.packed");
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        assertThat(identity(file())).isEqualTo(written);
    }

    /** In what no fingerprint sees, the checkpoint changes: the answer of the file's weights is still that of before. */
    @Test
    void weightsAreReadFromTheFile() throws IOException {
        Path copy = copy();
        assertThat(predictWith(copy)).isEqualTo(expected);
        Path weights = copy.resolve("vae/diffusion_pytorch_model.safetensors");
        FileTime modified = Files.getLastModifiedTime(weights);
        flip(weights, Files.size(weights) / 2);
        Files.setLastModifiedTime(weights, modified);
        assertThat(predict(Lotus.builder().depth(copy))).isNotEqualTo(expected);
        assertThat(predictWith(copy)).isEqualTo(expected);
    }

    @Test
    void changedCheckpointIsPackedAnew() throws IOException {
        Path copy = copy();
        predictWith(copy);
        Object written = identity(file());
        Path weights = copy.resolve("vae/diffusion_pytorch_model.safetensors");
        flip(weights, Files.size(weights) / 2);
        float[] changed = predict(Lotus.builder().depth(copy));
        assertThat(changed).isNotEqualTo(expected);
        assertThat(predictWith(copy)).isEqualTo(changed);
        assertThat(identity(file())).isNotEqualTo(written);
        assertThat(predictWith(copy)).isEqualTo(changed);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.001, 0.5, 0.999})
    @Fault(
            value = "a file of the packed-weights cache is damaged",
            by = "flipping a byte",
            then = "it is made anew; the same result")
    void damagedFileIsReplaced(double place) throws IOException {
        predictWith(DISPARITY);
        Object written = identity(file());
        flip(file(), (long) (place * Files.size(file())));
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        assertThat(identity(file())).isNotEqualTo(written);
        requireUsed();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.001, 0.5, 0.999})
    @Fault(
            value = "a file of the packed-weights cache is cut short",
            by = "truncating it at places throughout",
            then = "it is made anew; the same result")
    void shortenedFileIsReplaced(double share) throws IOException {
        predictWith(DISPARITY);
        long whole = Files.size(file());
        assertThat(file().toFile().setWritable(true)).isTrue();
        try (SeekableByteChannel channel = Files.newByteChannel(file(), StandardOpenOption.WRITE)) {
            channel.truncate((long) (share * whole));
        }
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        assertThat(file()).hasSize(whole);
        requireUsed();
    }

    /** A file that does not fit would be replaced. Its bytes may differ: what fills up panels has no meaning. */
    private void requireUsed() throws IOException {
        Object written = identity(file());
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        assertThat(identity(file())).isEqualTo(written);
    }

    @Test
    @Fault(
            value = "a checkpoint is loaded several times at once",
            by = "six loads by three threads, with one cache",
            then = "each predicts the same; one file")
    void severalLoadsAtOnce() throws Exception {
        try (ExecutorService several = Executors.newFixedThreadPool(3)) {
            List<Future<float[]>> predictions = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                predictions.add(several.submit(() -> predictWith(DISPARITY)));
            }
            for (Future<float[]> each : predictions) {
                assertThat(each.get()).isEqualTo(expected);
            }
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void twoCheckpointsKeepTwoFiles() throws IOException {
        float[][] normals = new float[3][];
        for (int i = 0; i < normals.length; i++) {
            LotusBuilder both = Lotus.builder().depth(DISPARITY).normal(NANO.resolve("lotus-nano-normal-d"));
            if (i > 0) {
                both.packedWeightsCache(cache());
            }
            try (Lotus lotus = both.backend("cpu").threads(2).build()) {
                normals[i] = lotus.predictGeometry(IMAGE, PredictionOptions.DEFAULT.withProcessingResolution(0))
                        .normals()
                        .toArray();
            }
        }
        assertThat(normals[1]).isEqualTo(normals[0]);
        assertThat(normals[2]).isEqualTo(normals[0]);
        assertThat(files()).hasSize(2);
    }

    @Test
    @Fault(
            value = "the packed-weights cache cannot be written",
            by = "a file in the place of its folder",
            then = "the same result")
    void folderThatCannotBeMadeDoesNotStopLoading() throws IOException {
        Files.createDirectories(cache().getParent());
        Files.writeString(cache(), "a file");
        assertThat(predictWith(DISPARITY)).isEqualTo(expected);
        assertThat(cache()).hasContent("a file");
        assertThat(cache().getParent()).isDirectoryContaining(each -> each.equals(cache()));
    }

    private Path copy() throws IOException {
        Path copy = folder.resolve("lotus-disparity-copy");
        try (Stream<Path> files = Files.walk(DISPARITY)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy.resolve(DISPARITY.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        return copy;
    }

    private static void flip(Path file, long at) throws IOException {
        file.toFile().setWritable(true);
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.position(at).read(one);
            one.put(0, (byte) (one.get(0) ^ 0x40)).rewind();
            channel.position(at).write(one);
        }
    }
}
