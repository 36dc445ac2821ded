package io.github.lotus4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.cpu.CpuBackend;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is decoded is the average of what was predicted: as its first layer, which is affine, has it. */
class LatentAverageTest {
    private static final double WEIGHT = 0.3;
    private static final Shape IMAGE = new Shape(1, 48, 40, 3);

    @TempDir
    Path folder;

    /** Outputs of the decoder's first layer, in their order. */
    private static final class Recorder implements RunListener {
        final List<float[]> outputs = new ArrayList<>();

        @Override
        public boolean observes() {
            return true;
        }

        @Override
        public void computed(String path, Input view, Ops ops) {
            if (path.equals("vae/post_quant_conv")) {
                try (Frame frame = ops.frame()) {
                    Tensor copy = frame.tensor(view.shape());
                    ops.copy(copy, view);
                    outputs.add(ops.download(copy));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"D, 1, ", "D, 1, 32", "G, 3, ", "G, 2, 32"})
    void averageIsThatOfTheFormula(Mode mode, int ensemble, @Nullable Integer tile) throws IOException {
        SyntheticCheckpoint.write(folder, Architecture.TINY, mode, 1, DType.F32);
        Settings alone = new Settings(
                0,
                Filter.BILINEAR,
                true,
                1,
                1,
                ensemble,
                Task.PREDICTION,
                OptionalLong.empty(),
                tile == null ? OptionalInt.empty() : OptionalInt.of(tile));
        try (Backend backend = new CpuBackend(new BackendSettings(2, true));
                LoadedCheckpoint loaded = LoadedCheckpoint.load(folder, backend)) {
            List<Pipeline> both = List.of(loaded.pipeline(), loaded.pipeline());
            LatentAverage average = new LatentAverage();
            List<double[]> expected = List.of();
            for (int image = 0; image < 5; image++) {
                boolean anew = image == 3;
                List<float[]> own = decoded(both, image, alone, new LatentAverage(), backend);
                expected = averaged(anew ? List.of() : expected, own);
                average.begin(anew);
                List<float[]> found = decoded(both, image, alone.withLatentWeight(WEIGHT), average, backend);
                average.keep();
                assertThat(found).hasSameSizeAs(expected);
                for (int i = 0; i < found.size(); i++) {
                    requireClose(found.get(i), expected.get(i));
                }
            }
        }
    }

    private static List<float[]> decoded(
            List<Pipeline> pipelines, int image, Settings settings, LatentAverage average, Backend backend) {
        byte[] pixels = new byte[(int) IMAGE.elements()];
        new Random(image).nextBytes(pixels);
        Recorder recorder = new Recorder();
        try (Ops ops = backend.open(recorder)) {
            Pipeline.predict(pipelines, pixels, IMAGE, settings, average, ops);
        }
        return recorder.outputs;
    }

    private static List<double[]> averaged(List<double[]> before, List<float[]> now) {
        List<double[]> averages = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            double[] average = new double[now.get(i).length];
            for (int j = 0; j < average.length; j++) {
                double value = now.get(i)[j];
                average[j] = before.isEmpty() ? value : WEIGHT * value + (1 - WEIGHT) * before.get(i)[j];
            }
            averages.add(average);
        }
        return averages;
    }

    private static void requireClose(float[] found, double[] expected) {
        double largest = 0;
        for (double each : expected) {
            largest = Math.max(largest, Math.abs(each));
        }
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], within(2e-6 * largest));
        }
    }
}
