package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What smoothing is for, with the miniature: a still camera whose frames are noisy. */
class FlickerTest {
    private static final int FRAMES = 10;
    private static final Path NANO = Path.of("..", "lotus-nano");

    /** A scene with noise of this frame. */
    private static RgbImage noisy(RgbImage scene, int frame) {
        Random random = new Random(frame);
        byte[] rgb = scene.toArray();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.clamp(Math.round((rgb[i] & 0xff) + 20 * random.nextGaussian()), 0, 255);
        }
        return RgbImage.of(scene.width(), scene.height(), rgb);
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.abs((double) one[i] - other[i]);
        }
        return sum / one.length;
    }

    /** The mean absolute difference of consecutive maps, without the first few, which have little to average. */
    private static double flicker(List<float[]> maps) {
        double sum = 0;
        for (int i = 4; i < maps.size(); i++) {
            sum += distance(maps.get(i), maps.get(i - 1));
        }
        return sum / (maps.size() - 4);
    }

    private static double error(List<float[]> maps, float[] truth) {
        return maps.stream()
                .mapToDouble(each -> distance(each, truth))
                .average()
                .orElseThrow();
    }

    @Test
    void smoothedDepthFlickersLessAndIsNoFartherFromThatOfTheCleanScene() {
        RgbImage scene = RgbImage.read(NANO.resolve("scenes/scene-3.png"));
        Path checkpoint = NANO.resolve("src/main/resources/io/github/lotus4j/nano/lotus-nano-disparity-d");
        try (Lotus lotus = Lotus.builder().depth(checkpoint).threads(2).build()) {
            FrameSequence<DepthMap> plain = lotus.depthSequence(PredictionOptions.DEFAULT, TemporalSmoothing.NONE);
            FrameSequence<DepthMap> half = lotus.depthSequence(PredictionOptions.DEFAULT, TemporalSmoothing.DEFAULT);
            List<float[]> alone = new ArrayList<>();
            List<float[]> smooth = new ArrayList<>();
            for (int i = 0; i < FRAMES; i++) {
                alone.add(plain.next(noisy(scene, i)).toArray());
                smooth.add(half.next(noisy(scene, i)).toArray());
            }
            assertThat(half.cuts()).isZero();
            // noise in latents: 0.5 / sqrt(1.5) = 0.41 of it
            assertThat(flicker(alone)).isGreaterThan(1e-3);
            assertThat(flicker(smooth)).isLessThan(0.55 * flicker(alone));
            float[] clean = lotus.predictDepth(scene).toArray();
            assertThat(error(smooth, clean)).isLessThan(error(alone, clean));
        }
    }
}
