package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.WatchedBackend;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken is given back, and nothing is taken unseen. */
class ResourcesTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);
    private static final RgbImage IMAGE = RgbImage.of(32, 24, new byte[3 * 32 * 24]);

    @TempDir
    private Path folder;

    @BeforeEach
    void forget() {
        WatchedBackend.OPENED.clear();
    }

    private Path checkpoint(String name, Mode mode) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, mode, 1, DType.F32);
    }

    private static LotusBuilder watched() {
        return Lotus.builder().backend(WatchedBackend.NAME);
    }

    private static WatchedBackend opened() {
        assertThat(WatchedBackend.OPENED).hasSize(1);
        return WatchedBackend.OPENED.getFirst();
    }

    @Test
    void closingEndsEverything() throws IOException {
        Lotus lotus = watched()
                .depth(checkpoint("lotus-depth", Mode.D))
                .normal(checkpoint("lotus-normal", Mode.D))
                .build();
        assertThat(opened().weights).hasValue(2);
        assertThat(OpenFiles.in(folder)).isEmpty();
        lotus.predictGeometry(IMAGE, NATIVE);
        assertThat(opened().closed).isFalse();
        lotus.close();
        assertThat(opened().weights).hasValue(0);
        assertThat(opened().closed).isTrue();
    }

    @Test
    @Fault(
            value = "a load fails",
            by = "damaged weights of one network",
            then = "a CheckpointException; no weights or open files stay, and the backend is closed")
    void loadingThatFailsEndsEverything() throws IOException {
        Path good = checkpoint("lotus-depth", Mode.D);
        Path bad = checkpoint("lotus-normal", Mode.D);
        Files.copy(
                bad.resolve("vae/diffusion_pytorch_model.safetensors"),
                bad.resolve("unet/diffusion_pytorch_model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> watched().depth(good).normal(bad).build()).isInstanceOf(CheckpointException.class);
        assertThat(opened().weights).hasValue(0);
        assertThat(opened().closed).isTrue();
        for (String file : new String[] {"vae", "unet"}) { // the UNet's is open already when the VAE's is found broken
            Files.write(bad.resolve(file + "/diffusion_pytorch_model.safetensors"), new byte[100]);
            assertThatThrownBy(() -> watched().normal(bad).build()).isInstanceOf(CheckpointException.class);
            assertThat(WatchedBackend.OPENED.getLast().closed).isTrue();
            assertThat(OpenFiles.in(folder)).isEmpty();
        }
    }

    @Test
    void planningComputesNothingAndPredictingKeepsNothing() throws IOException {
        try (Lotus lotus = watched()
                .depth(checkpoint("lotus-depth", Mode.G), DepthKind.AFFINE_DEPTH)
                .build()) {
            PredictionOptions unusual = NATIVE.withSteps(3).withTask(Task.RECONSTRUCTION);
            long weights = lotus.weightBytes();
            int runs = opened().runs.get();
            assertThat(lotus.predictionBytes(32, 24, unusual)).isPositive();
            assertThat(opened().runs).hasValue(runs);
            lotus.predictDepth(IMAGE, unusual);
            assertThat(opened().runs).hasValue(runs + 1);
            assertThat(lotus.weightBytes()).isEqualTo(weights);
        }
    }

    @Test
    void pixelsCountAsMemory() throws IOException {
        try (Lotus lotus = watched().depth(checkpoint("lotus-depth", Mode.D)).build()) {
            opened().available = lotus.predictionBytes(32, 24, NATIVE);
            assertThat(lotus.predictDepth(IMAGE, NATIVE).width()).isEqualTo(32);
            opened().available--;
            assertThatThrownBy(() -> lotus.predictDepth(IMAGE, NATIVE)).isInstanceOf(InsufficientMemoryException.class);
            RgbImage large = RgbImage.of(2000, 1500, new byte[3 * 2000 * 1500]);
            assertThatThrownBy(() -> lotus.predictDepth(large, NATIVE.withProcessingResolution(16)))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll("2000×1500", "take a smaller image");
        }
    }

    @Test
    void bytesOfTwoCheckpointsAreThoseOfGeometry() throws IOException {
        try (Lotus lotus = watched()
                .depth(checkpoint("lotus-depth", Mode.D))
                .normal(checkpoint("lotus-normal", Mode.D))
                .build()) {
            assertThat(lotus.sharesVae()).isTrue();
            opened().available = lotus.predictionBytes(32, 24, NATIVE);
            lotus.predictGeometry(IMAGE, NATIVE);
            opened().available--;
            assertThatThrownBy(() -> lotus.predictGeometry(IMAGE, NATIVE))
                    .isInstanceOf(InsufficientMemoryException.class);
            lotus.predictNormal(IMAGE, NATIVE); // which takes less
        }
    }
}
