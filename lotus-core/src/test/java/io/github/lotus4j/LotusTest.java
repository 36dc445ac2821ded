package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.weights.CheckpointException;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users call, on synthetic checkpoints. */
class LotusTest {
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    static Path folder;

    private static Path depth;
    private static Path normal;
    private static Path generative;
    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        depth = SyntheticCheckpoint.write(
                folder.resolve("lotus-depth-d-test"), Architecture.TINY, Mode.D, 1, DType.F32);
        generative =
                SyntheticCheckpoint.write(folder.resolve("lotus-disparity-g"), Architecture.TINY, Mode.G, 1, DType.F32);
        normal = SyntheticCheckpoint.write(
                folder.resolve("lotus-normal-d-test"), Architecture.TINY, Mode.D, 2, DType.F32);
        copyTree(depth.resolve("vae"), normal.resolve("vae"));
        lotus = Lotus.builder().depth(depth).normal(normal).threads(2).build();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        }
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    @Test
    void backendSaysWhatComputes() {
        assertThat(lotus.backend()).contains("CPU", "2 threads");
    }

    @Test
    void geometryIsDepthAndNormalsFromOneEncoding() {
        RgbImage image = NoiseImage.of(48, 40, 1);
        List<Progress> progress = new ArrayList<>();
        assertThat(lotus.sharesVae()).isTrue();
        Geometry both = lotus.predictGeometry(image, NATIVE.withProgress(progress::add));
        assertThat(both.depth().toArray())
                .isEqualTo(lotus.predictDepth(image, NATIVE).toArray());
        assertThat(both.normals().toArray())
                .isEqualTo(lotus.predictNormal(image, NATIVE).toArray());
        assertThat(progress.stream()
                        .filter(each -> each.stage() == Progress.Stage.ENCODE)
                        .map(Progress::fraction))
                .allMatch(fraction -> fraction < 0.3);
        long lastEncode = progress.stream().map(Progress::stage).toList().lastIndexOf(Progress.Stage.ENCODE);
        long firstDenoise = progress.stream().map(Progress::stage).toList().indexOf(Progress.Stage.DENOISE);
        assertThat(lastEncode).isLessThan(firstDenoise);
    }

    @Test
    void geometryWithTwoVaesEncodesTwice() throws IOException {
        Path other = SyntheticCheckpoint.write(
                folder.resolve("lotus-normal-other"), Architecture.TINY, Mode.D, 3, DType.F32);
        RgbImage image = NoiseImage.of(32, 24, 2);
        try (Lotus two = Lotus.builder().depth(depth).normal(other).build();
                Lotus one = Lotus.load(other)) {
            assertThat(two.sharesVae()).isFalse();
            Geometry both = two.predictGeometry(image, NATIVE);
            assertThat(both.depth().toArray())
                    .isEqualTo(lotus.predictDepth(image, NATIVE).toArray());
            assertThat(both.normals().toArray())
                    .isEqualTo(one.predictNormal(image, NATIVE).toArray());
            assertThat(two.weightBytes()).isGreaterThan(lotus.weightBytes());
        }
    }

    @Test
    void batchEqualsItsImages() {
        List<RgbImage> images = List.of(NoiseImage.of(40, 24, 3), NoiseImage.of(40, 24, 4));
        List<DepthMap> batch = lotus.predictDepth(images, NATIVE);
        assertThat(batch).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(batch.get(i).toArray())
                    .containsExactly(lotus.predictDepth(images.get(i), NATIVE).toArray());
        }
        assertThatThrownBy(
                        () -> lotus.predictNormal(List.of(NoiseImage.of(40, 24, 3), NoiseImage.of(24, 40, 4)), NATIVE))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("40×24", "24×40", "one size");
        assertThatThrownBy(() -> lotus.predictDepth(List.of(), NATIVE)).isInstanceOf(LotusException.class);
    }

    @Test
    void optionsChangeWhatTheySay() {
        RgbImage image = NoiseImage.of(40, 24, 5);
        DepthMap plain = lotus.predictDepth(image, NATIVE);
        assertThat(plain.width()).isEqualTo(40);
        assertThat(plain.height()).isEqualTo(24);
        assertThat(plain.kind()).isEqualTo(DepthKind.AFFINE_DEPTH);
        DepthMap smaller =
                lotus.predictDepth(image, NATIVE.withProcessingResolution(20).withMatchInput(false));
        assertThat(smaller.width())
                .isEqualTo(16); // 20×12 pixels become a 5×3 latent at two levels: floored to multiples
        assertThat(smaller.height()).isEqualTo(8);
        for (PredictionOptions changed : List.of(
                NATIVE.withTask(Task.RECONSTRUCTION),
                NATIVE.withLatentSampleSeed(1),
                NATIVE.withProcessingResolution(32),
                NATIVE.withProcessingResolution(32).withResampling(Filter.BICUBIC))) {
            assertThat(lotus.predictDepth(image, changed).toArray()).isNotEqualTo(plain.toArray());
        }
        assertThat(lotus.predictDepth(image, NATIVE.withSeed(7)).toArray()).isEqualTo(plain.toArray());
    }

    @Test
    void generativeCheckpointDependsOnSeedAndSteps() {
        RgbImage image = NoiseImage.of(32, 32, 6);
        try (Lotus g = Lotus.load(generative)) {
            DepthMap zero = g.predictDepth(image, NATIVE);
            assertThat(zero.kind()).isEqualTo(DepthKind.AFFINE_DISPARITY);
            assertThat(g.predictDepth(image, NATIVE.withSeed(0)).toArray()).isEqualTo(zero.toArray());
            assertThat(g.predictDepth(image, NATIVE.withSeed(1)).toArray()).isNotEqualTo(zero.toArray());
            assertThat(g.predictDepth(image, NATIVE.withSteps(4)).toArray()).isNotEqualTo(zero.toArray());
            assertThatThrownBy(() -> g.predictNormal(image))
                    .hasMessageContainingAll("no normal checkpoint", "normal(folder)");
        }
        assertThatThrownBy(() -> lotus.predictDepth(image, NATIVE.withSteps(2)))
                .hasMessageContainingAll("steps", "2", "Lotus-D");
    }

    @Test
    void predictionsAtTheSameTimeAreEqualToOnesAlone() throws Exception {
        List<RgbImage> images = new ArrayList<>();
        List<float[]> alone = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            images.add(NoiseImage.of(24 + 8 * i, 40, i));
            alone.add(lotus.predictDepth(images.get(i), NATIVE).toArray());
        }
        try (ExecutorService callers = Executors.newFixedThreadPool(6)) {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<float[]>> together = new ArrayList<>();
            for (RgbImage image : images) {
                together.add(callers.submit(() -> {
                    start.await();
                    return lotus.predictDepth(image, NATIVE).toArray();
                }));
            }
            start.countDown();
            for (int i = 0; i < 6; i++) {
                assertThat(together.get(i).get()).isEqualTo(alone.get(i));
            }
        }
    }

    @Test
    void progressRisesThroughAllStages() {
        List<Progress> told = new ArrayList<>();
        lotus.predictDepth(NoiseImage.of(32, 24, 7), NATIVE.withProgress(told::add));
        assertThat(told.stream().map(Progress::stage).distinct())
                .containsExactly(Progress.Stage.ENCODE, Progress.Stage.DENOISE, Progress.Stage.DECODE);
        assertThat(told.stream().map(Progress::fraction)).isSorted();
        assertThat(told.getLast().fraction()).isEqualTo(1);
        List<Progress> toldAgain = new ArrayList<>(); // of a prediction that the first of its size was recorded for
        lotus.predictDepth(NoiseImage.of(32, 24, 7), NATIVE.withProgress(toldAgain::add));
        assertThat(toldAgain).isEqualTo(told);
    }

    @Test
    void whatProgressThrowsEndsThePrediction() {
        IllegalStateException thrown = new IllegalStateException("enough");
        PredictionOptions options = NATIVE.withProgress(progress -> {
            throw thrown;
        });
        assertThatThrownBy(() -> lotus.predictDepth(NoiseImage.of(32, 32, 10), options))
                .isSameAs(thrown);
        assertThat(lotus.predictDepth(NoiseImage.of(32, 32, 10), NATIVE).width())
                .isEqualTo(32);
    }

    @Test
    @Fault(
            value = "a prediction's listener closes the Lotus",
            by = "calling close() in it",
            then = "a LotusException instead of waiting forever")
    void listenerThatClosesIsToldThatItCannot() {
        PredictionOptions options = NATIVE.withProgress(progress -> lotus.close());
        assertThatThrownBy(() -> lotus.predictDepth(NoiseImage.of(16, 16, 17), options))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("progress listener");
    }

    @Test
    @Fault(
            value = "a prediction needs more memory than there is",
            by = "a processing resolution that is too large",
            then = "an InsufficientMemoryException with both figures")
    void memoryIsKnownBeforehandAndTooMuchIsRefused() {
        assertThat(lotus.predictionBytes(64, 64, NATIVE)).isBetween(1L << 20, 1L << 26);
        assertThat(lotus.predictionBytes(128, 64, NATIVE)).isGreaterThan(lotus.predictionBytes(64, 64, NATIVE));
        RgbImage image = NoiseImage.of(16, 16, 11);
        assertThatThrownBy(() -> lotus.predictDepth(image, NATIVE.withProcessingResolution(7000)))
                .isInstanceOfSatisfying(InsufficientMemoryException.class, e -> {
                    assertThat(e.needed()).isGreaterThan(e.available());
                    assertThat(e).hasMessageContainingAll("7000×7000", "MB", "processing resolution");
                });
        assertThatThrownBy(() -> lotus.predictDepth(image, NATIVE.withProcessingResolution(16_384)))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("processing resolution");
    }

    @Test
    void planIsOfAllThatIsLoaded() {
        PredictionOptions options = NATIVE.withProcessingResolution(64);
        try (Lotus alone = Lotus.builder().depth(depth).threads(1).build()) {
            PredictionPlan one = alone.plan(96, 48, options);
            PredictionPlan both = lotus.plan(96, 48, options);
            assertThat(both.processingWidth()).isEqualTo(64);
            assertThat(both.processingHeight()).isEqualTo(32);
            assertThat(both.work()).isBetween(one.work() + 1, 2 * one.work() - 1); // encoded once
            assertThat(both.bytes())
                    .isEqualTo(lotus.predictionBytes(96, 48, options))
                    .isGreaterThan(one.bytes());
            PredictionPlan larger = alone.plan(96, 48, NATIVE.withProcessingResolution(128));
            assertThat(larger.work()).isGreaterThan(4 * one.work()); // attention has the square
            assertThat(alone.plan(9, 7, options).work())
                    .isEqualTo(alone.plan(18, 14, options).work());
        }
        assertThatThrownBy(() -> lotus.plan(5, 0, options)).hasMessageContaining("5×0");
    }

    @Test
    void imageThatVanishesInTheLatentIsRefused() {
        assertThatThrownBy(() -> lotus.predictDepth(NoiseImage.of(1, 400, 15), NATIVE.withProcessingResolution(96)))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("1×400", "1×96", "at least");
        assertThat(lotus.predictDepth(NoiseImage.of(1, 1, 16), NATIVE.withProcessingResolution(32))
                        .width())
                .isEqualTo(1);
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> NATIVE.withProcessingResolution(-1))
                .hasMessageContainingAll("processing resolution", "-1");
        assertThatThrownBy(() -> NATIVE.withProcessingResolution(16_385)).hasMessageContaining("16385");
        assertThatThrownBy(() -> NATIVE.withSteps(0)).hasMessageContainingAll("steps", "0", "1 to 1000");
        assertThatThrownBy(() -> Lotus.builder().threads(0).nano().build()).hasMessageContainingAll("threads", "0");
        assertThatThrownBy(() -> Lotus.builder().threads(513).nano().build())
                .hasMessageContainingAll("threads", "513", "1 to 512");
        assertThatThrownBy(() -> new Shape(1 << 22, 1 << 21, 1 << 21, 1)).hasMessageContaining("too many pixels");
        assertThatThrownBy(() -> lotus.predictionBytes(0, 144, NATIVE)).hasMessageContaining("0×144");
        assertThatThrownBy(() -> RgbImage.of(0, 3, new byte[0])).hasMessageContaining("at least 1×1");
        assertThatThrownBy(() -> Lotus.builder().build()).hasMessageContaining("no checkpoint");
        assertThatThrownBy(() -> Lotus.builder().nano().depth(depth).build()).hasMessageContaining("nano()");
        assertThatThrownBy(() -> Lotus.builder().normal(depth).nanoDepth().build())
                .hasMessageContaining("miniature");
        assertThatThrownBy(() -> Lotus.builder().depth(depth).backend("abacus").build())
                .hasMessageContaining("abacus");
    }

    /** Equal results would mean that one of the two is not what it says. */
    @Test
    void exactIsAnotherWayToTheSameResult() {
        try (Lotus exact = Lotus.builder().depth(depth).exact(true).build();
                Lotus fast = Lotus.builder().depth(depth).build()) {
            RgbImage image = NoiseImage.of(64, 64, 21);
            float[] one = exact.predictDepth(image, NATIVE).toArray();
            float[] other = fast.predictDepth(image, NATIVE).toArray();
            assertThat(one).isNotEqualTo(other).containsExactly(other, within(1e-4f));
        }
    }

    @Test
    void threadsDoNotChangeTheResult() {
        RgbImage image = NoiseImage.of(64, 48, 22);
        float[] expected = lotus.predictDepth(image, NATIVE).toArray();
        for (int threads : new int[] {1, 3, 7}) {
            try (Lotus other = Lotus.builder().depth(depth).threads(threads).build()) {
                assertThat(other.predictDepth(image, NATIVE).toArray()).isEqualTo(expected);
            }
        }
    }

    @Test
    void kindBelongsToTheFolderItWasGivenWith() {
        try (Lotus renamed = Lotus.builder()
                .depth(folder, DepthKind.AFFINE_DISPARITY)
                .depth(depth)
                .build()) {
            assertThat(renamed.predictDepth(NoiseImage.of(16, 16, 12), NATIVE).kind())
                    .isEqualTo(DepthKind.AFFINE_DEPTH);
        }
    }

    @Test
    void nameThatSaysNothingMustBeExplained() throws IOException {
        Path unnamed = SyntheticCheckpoint.write(folder.resolve("model"), Architecture.TINY, Mode.D, 1, DType.F32);
        assertThatThrownBy(() -> Lotus.load(unnamed))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(unnamed.toString());
        try (Lotus stated =
                Lotus.builder().depth(unnamed, DepthKind.AFFINE_DISPARITY).build()) {
            assertThat(stated.predictDepth(NoiseImage.of(16, 16, 12), NATIVE).kind())
                    .isEqualTo(DepthKind.AFFINE_DISPARITY);
        }
        for (String nowhere : new String[] {"lotus-depth-nowhere", "nowhere"}) {
            assertThatThrownBy(() -> Lotus.load(folder.resolve(nowhere)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("does not exist");
        }
    }

    /** Whose ever objects they were: the caller learns of it as of every want of memory. */
    @Test
    void heapThatIsUsedUpMeanwhileIsToldAsWantOfMemory() {
        RgbImage image = NoiseImage.of(16, 16, 17);
        OutOfMemoryError full = new OutOfMemoryError("Java heap space");
        PredictionOptions failing = NATIVE.withProgress(_ -> {
            throw full;
        });
        assertThatThrownBy(() -> lotus.predictDepth(image, failing))
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContainingAll("16×16 pixels", "MB", "other objects share", "-Xmx")
                .hasCause(full);
        assertThat(lotus.predictDepth(image, NATIVE).width()).isEqualTo(16);
    }

    @Test
    void aCheckpointThatWasNotFetchedIsNotDownloaded() {
        assertThatThrownBy(() -> Lotus.load("lotus4j-test/no-such-checkpoint"))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("lotus fetch lotus4j-test/no-such-checkpoint");
        assertThatThrownBy(() -> Lotus.load("/nowhere/lotus-depth")).hasMessageContaining("does not exist");
    }
}
