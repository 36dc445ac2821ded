package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same input gives the same bits, whatever the number of threads and whatever runs beside it. */
class DeterminismTest {
    private static final int[] THREADS = {2, 3, 7};
    private static final PredictionOptions NATIVE = PredictionOptions.DEFAULT.withProcessingResolution(0);

    @TempDir
    static Path folder;

    private static Path checkpoint;

    @BeforeAll
    static void write() throws IOException {
        checkpoint = SyntheticCheckpoint.write(folder, Architecture.TINY, Mode.G, 1, DType.F16);
    }

    private static Lotus open(int threads, boolean exact) {
        return Lotus.builder()
                .depth(checkpoint)
                .threads(threads)
                .exact(exact)
                .backend("cpu")
                .build();
    }

    /** What goes through every kind of layer: whole, with more memory than a tile, in tiles, several times, one frame after another. */
    private static List<float[]> results(Lotus lotus) {
        RgbImage image = NoiseImage.of(136, 104, 1);
        RgbImage odd = NoiseImage.of(71, 90, 2);
        List<float[]> results = new ArrayList<>();
        results.add(lotus.predictDepth(image, NATIVE).toArray());
        results.add(lotus.predictDepth(odd, NATIVE.withSteps(3)).toArray());
        results.add(lotus.predictDepth(image, NATIVE.withVaeTile(64)).toArray());
        DepthMap ensemble = lotus.predictDepth(odd, NATIVE.withEnsemble(3));
        results.add(ensemble.toArray());
        results.add(ensemble.spread().orElseThrow().toArray());
        FrameSequence<DepthMap> frames = lotus.depthSequence(NATIVE, TemporalSmoothing.DEFAULT);
        results.add(frames.next(odd).toArray());
        results.add(frames.next(NoiseImage.of(71, 90, 3)).toArray());
        return results;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threadsDoNotMatter(boolean exact) {
        List<float[]> expected;
        try (Lotus alone = open(1, exact)) {
            expected = results(alone);
        }
        for (int threads : THREADS) {
            try (Lotus lotus = open(threads, exact)) {
                assertThat(results(lotus))
                        .as(threads + " threads")
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void neighboursDoNotMatter(int threads) throws Exception {
        try (Lotus lotus = open(threads, false);
                ExecutorService callers = Executors.newFixedThreadPool(4)) {
            List<float[]> expected = results(lotus);
            List<Future<List<float[]>>> found = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                found.add(callers.submit(() -> results(lotus)));
            }
            for (Future<List<float[]>> each : found) {
                assertThat(each.get()).usingRecursiveComparison().isEqualTo(expected);
            }
        }
    }
}
