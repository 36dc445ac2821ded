package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.Progress.Stage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import io.github.lotus4j.ops.WatchedBackend;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several predictions of a Lotus-G checkpoint from one encoding, on synthetic checkpoints. */
class EnsembleTest {
    private static final int COUNT = 4;
    private static final long SEED = 7;
    private static final PredictionOptions NATIVE =
            PredictionOptions.DEFAULT.withProcessingResolution(0).withSeed(SEED);

    @TempDir
    static Path folder;

    private static Path depth;
    private static Path normal;
    private static Path deterministic;
    private static Lotus lotus;

    @BeforeAll
    static void load() throws IOException {
        depth = SyntheticCheckpoint.write(folder.resolve("lotus-depth-g"), Architecture.TINY, Mode.G, 1, DType.F32);
        normal = SyntheticCheckpoint.write(folder.resolve("lotus-normal-g"), Architecture.TINY, Mode.G, 2, DType.F32);
        deterministic =
                SyntheticCheckpoint.write(folder.resolve("lotus-normal-d"), Architecture.TINY, Mode.D, 2, DType.F32);
        for (Path other : new Path[] {normal, deterministic}) {
            Path vae = other.resolve("vae/diffusion_pytorch_model.safetensors");
            Files.write(vae, Files.readAllBytes(depth.resolve("vae/diffusion_pytorch_model.safetensors")));
        }
        lotus = Lotus.builder().depth(depth).normal(normal).threads(2).build();
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    private static void requireMergedByHand(DepthMap found, List<float[]> members) {
        ConsensusByHand expected = ConsensusByHand.ofDepth(members, 3);
        float[] values = found.toArray();
        float[] spread = found.spread().orElseThrow().toArray();
        assertThat(values).hasSameSizeAs(expected.values);
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i]).isCloseTo(expected.values[i], within(2e-6));
            assertThat((double) spread[i]).isCloseTo(expected.spread[i], within(2e-6));
            largest = Math.max(largest, spread[i]);
        }
        assertThat(largest).as("the members differ").isGreaterThan(1e-3);
    }

    /** With these options and each seed of the ensemble. */
    private static List<float[]> separately(RgbImage image, PredictionOptions options) {
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            members.add(lotus.predictDepth(image, options.withSeed(SEED + i)).toArray());
        }
        return members;
    }

    @Test
    void ensembleOfOneIsThePlainPrediction() {
        RgbImage image = NoiseImage.of(48, 40, 1);
        DepthMap one = lotus.predictDepth(image, NATIVE.withEnsemble(1));
        assertThat(one.toArray()).isEqualTo(lotus.predictDepth(image, NATIVE).toArray());
        assertThat(one.spread()).isEmpty();
        NormalMap facing = lotus.predictNormal(image, NATIVE.withEnsemble(1));
        assertThat(facing.toImage())
                .isEqualTo(lotus.predictNormal(image, NATIVE).toImage());
        assertThat(facing.spread()).isEmpty();
    }

    @Test
    void depthIsTheMedianOfSeparatePredictions() {
        RgbImage image = NoiseImage.of(48, 40, 2);
        DepthMap found = lotus.predictDepth(image, NATIVE.withEnsemble(COUNT));
        assertThat(found.kind()).isEqualTo(DepthKind.AFFINE_DEPTH);
        requireMergedByHand(found, separately(image, NATIVE));
    }

    /** Of which each changes its noise. */
    @Test
    void severalStepsBeginWithFreshNoise() {
        RgbImage image = NoiseImage.of(32, 24, 3);
        PredictionOptions steps = NATIVE.withSteps(2);
        requireMergedByHand(lotus.predictDepth(image, steps.withEnsemble(COUNT)), separately(image, steps));
    }

    @Test
    void tilesAndASampledLatentAreTheSameForAll() {
        RgbImage image = NoiseImage.of(72, 48, 4);
        PredictionOptions tiled = NATIVE.withVaeTile(40).withLatentSampleSeed(3);
        requireMergedByHand(lotus.predictDepth(image, tiled.withEnsemble(COUNT)), separately(image, tiled));
    }

    @Test
    void imagesOfABatchAreMergedEachByItself() {
        List<RgbImage> images = List.of(NoiseImage.of(40, 24, 5), NoiseImage.of(40, 24, 6));
        List<DepthMap> found = lotus.predictDepth(images, NATIVE.withEnsemble(COUNT));
        for (int n = 0; n < images.size(); n++) {
            List<float[]> members = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                List<DepthMap> batch = lotus.predictDepth(images, NATIVE.withSeed(SEED + i));
                members.add(batch.get(n).toArray());
            }
            requireMergedByHand(found.get(n), members);
        }
    }

    /** Members are merged at the size that they are processed at: the large result has that one's values. */
    @Test
    void resultIsBroughtToTheImagesSizeAfterwards() {
        RgbImage image = NoiseImage.of(96, 64, 7);
        PredictionOptions small = NATIVE.withProcessingResolution(48).withEnsemble(COUNT);
        DepthMap processed = lotus.predictDepth(image, small.withMatchInput(false));
        DepthMap matched = lotus.predictDepth(image, small);
        SpreadMap spread = matched.spread().orElseThrow();
        assertThat(processed.width()).isEqualTo(48);
        assertThat(matched.width()).isEqualTo(96);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 96; x++) {
                assertThat(matched.at(x, y)).isEqualTo(processed.at(x / 2, y / 2));
                assertThat(spread.at(x, y))
                        .isEqualTo(processed.spread().orElseThrow().at(x / 2, y / 2));
            }
        }
    }

    @Test
    void normalsAreTheMeanDirectionOfSeparatePredictions() {
        RgbImage image = NoiseImage.of(40, 32, 8);
        NormalMap found = lotus.predictNormal(image, NATIVE.withEnsemble(COUNT));
        List<float[]> members = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            members.add(lotus.predictNormal(image, NATIVE.withSeed(SEED + i)).toArray());
        }
        ConsensusByHand expected = ConsensusByHand.ofNormals(members);
        float[] vectors = found.toArray();
        float[] degrees = found.spread().orElseThrow().toArray();
        for (int i = 0; i < vectors.length; i++) {
            assertThat((double) vectors[i]).isCloseTo(expected.values[i], within(1e-5));
            assertThat((double) degrees[i / 3]).isCloseTo(expected.spread[i / 3], within(0.05)); // acos of almost 1
        }
        assertThat(degrees)
                .satisfies(all -> assertThat(Collections.max(boxed(all))).isGreaterThan(0.1f));
    }

    private static List<Float> boxed(float[] values) {
        List<Float> boxed = new ArrayList<>();
        for (float value : values) {
            boxed.add(value);
        }
        return boxed;
    }

    @Test
    void geometryOfAnEnsembleIsEncodedOnceForAll() {
        RgbImage image = NoiseImage.of(48, 40, 9);
        List<Progress> told = new ArrayList<>();
        PredictionOptions options = NATIVE.withEnsemble(COUNT);
        Geometry both = lotus.predictGeometry(image, options.withProgress(told::add));
        DepthMap alone = lotus.predictDepth(image, options);
        assertThat(both.depth().toArray()).isEqualTo(alone.toArray());
        assertThat(both.normals().toArray())
                .isEqualTo(lotus.predictNormal(image, options).toArray());
        assertThat(changes(told)).containsExactlyElementsOf(stages(2 * COUNT));
        assertThat(told.stream().map(Progress::fraction)).isSorted();
        assertThat(told.getLast().fraction()).isEqualTo(1);
    }

    private static List<Stage> changes(List<Progress> told) {
        List<Stage> changes = new ArrayList<>();
        for (Progress each : told) {
            if (changes.isEmpty() || changes.getLast() != each.stage()) {
                changes.add(each.stage());
            }
        }
        return changes;
    }

    /** One encoding, then so often from its latent to a result. */
    private static List<Stage> stages(int results) {
        List<Stage> stages = new ArrayList<>(List.of(Stage.ENCODE));
        for (int i = 0; i < results; i++) {
            stages.add(Stage.DENOISE);
            stages.add(Stage.DECODE);
        }
        return stages;
    }

    @Test
    void threadsDoNotChangeTheResult() {
        RgbImage image = NoiseImage.of(40, 32, 10);
        DepthMap expected = lotus.predictDepth(image, NATIVE.withEnsemble(COUNT));
        for (int threads : new int[] {1, 3}) {
            try (Lotus other = Lotus.builder().depth(depth).threads(threads).build()) {
                DepthMap found = other.predictDepth(image, NATIVE.withEnsemble(COUNT));
                assertThat(found.toArray()).isEqualTo(expected.toArray());
                assertThat(found.spread().orElseThrow().toArray())
                        .isEqualTo(expected.spread().orElseThrow().toArray());
            }
        }
    }

    @Test
    void deterministicCheckpointIsRefusedBeforeAnyWork() {
        RgbImage image = NoiseImage.of(32, 32, 11);
        try (Lotus d = Lotus.load(deterministic);
                Lotus mixed = Lotus.builder().depth(depth).normal(deterministic).build()) {
            PredictionOptions two = NATIVE.withEnsemble(2);
            for (Runnable refused : List.<Runnable>of(
                    () -> d.predictNormal(image, two),
                    () -> d.predictionBytes(32, 32, two),
                    () -> mixed.predictGeometry(image, two))) {
                assertThatThrownBy(refused::run)
                        .isInstanceOf(LotusException.class)
                        .hasMessageContainingAll("ensemble", "2", "Lotus-D", "do not differ", "lotus-depth-g-");
            }
            assertThat(mixed.predictDepth(image, two).spread()).isPresent();
            assertThat(d.predictNormal(image, NATIVE.withEnsemble(1)).spread()).isEmpty();
        }
        for (int count : new int[] {0, -1, 1001}) {
            assertThatThrownBy(() -> NATIVE.withEnsemble(count))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll("ensemble", "" + count, "1 to 1000");
        }
    }

    /** From the first question to the last, between members, within them and while they are merged. */
    @Test
    @Fault(
            value = "an ensemble is cancelled",
            by = "at moments throughout",
            then = "a CancellationException; the next is as before")
    void ensembleEndsWheneverItIsCancelled() {
        RgbImage image = NoiseImage.of(60, 40, 12);
        PredictionOptions small = NATIVE.withProcessingResolution(32).withEnsemble(3);
        AtomicInteger asked = new AtomicInteger();
        float[] expected = lotus.predictDepth(image, small.withCancellation(() -> asked.incrementAndGet() < 0))
                .toArray();
        int all = asked.get();
        for (int at = 1; at <= all; at += at > all - 20 ? 1 : Math.max(all / 30, 1)) {
            int end = at;
            asked.set(0);
            PredictionOptions options = small.withCancellation(() -> asked.incrementAndGet() >= end);
            assertThatThrownBy(() -> lotus.predictDepth(image, options))
                    .as("cancelled at question %d of %d", end, all)
                    .isInstanceOf(CancellationException.class);
            assertThat(asked.get()).isBetween(end, end + 2);
        }
        assertThat(lotus.predictDepth(image, small).toArray()).isEqualTo(expected);
    }

    @Test
    void memoryGrowsByAMapForEachMemberAndIsRefusedBeforehand() {
        WatchedBackend.OPENED.clear();
        try (Lotus watched =
                Lotus.builder().backend(WatchedBackend.NAME).depth(depth).build()) {
            WatchedBackend backend = WatchedBackend.OPENED.getFirst();
            long two = watched.predictionBytes(64, 48, NATIVE.withEnsemble(2));
            long five = watched.predictionBytes(64, 48, NATIVE.withEnsemble(5));
            assertThat(five - two).isEqualTo(3L * Float.BYTES * 64 * 48);
            backend.available = five;
            RgbImage image = NoiseImage.of(64, 48, 13);
            int runs = backend.runs.get();
            assertThat(watched.predictDepth(image, NATIVE.withEnsemble(5)).spread())
                    .isPresent();
            backend.available--;
            assertThatThrownBy(() -> watched.predictDepth(image, NATIVE.withEnsemble(5)))
                    .isInstanceOf(InsufficientMemoryException.class);
            backend.available = five + (1 << 20);
            // whose maps are most of it, however wide the vectors are
            assertThatThrownBy(() -> watched.predictDepth(image, NATIVE.withEnsemble(1000)))
                    .isInstanceOf(InsufficientMemoryException.class)
                    .hasMessageContaining("take a smaller ensemble");
            assertThat(backend.runs).hasValue(runs + 1);
        }
    }
}
