package io.github.lotus4j.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each benchmark is, and what tiny data sets do not show of it. */
class BenchmarkTest {
    /** The resolutions of Lotus's evaluation, and the paper's tables: Lotus-G's error and share, Lotus-D's. */
    @ParameterizedTest
    @CsvSource({
        "nyuv2, 0, 5.4, 96.8, 5.1, 97.2",
        "kitti, 0, 8.5, 92.2, 8.1, 93.1",
        "eth3d, 768, 5.9, 97.0, 6.1, 97.0",
        "scannet, 0, 5.9, 95.7, 5.5, 96.5",
        "diode, 640, 22.9, 72.9, 22.8, 73.8",
        "nyuv2-normal, 0, 16.5, 59.4, 16.2, 59.8",
        "scannet-normal, 0, 15.1, 63.9, 14.7, 64.0",
        "ibims-normal, 0, 17.2, 66.2, 17.1, 66.4",
        "sintel-normal, 0, 33.6, 21.0, 32.3, 22.4",
        "oasis-normal, 0, 22.7, 29.4, 22.3, 31.8"
    })
    void factsOfTheReference(String id, int resolution, double errorG, double shareG, double errorD, double shareD) {
        Benchmark benchmark = Benchmark.of(id);
        assertThat(benchmark.processingResolution()).hasValue(resolution);
        assertThat(benchmark.paper())
                .hasValue(new Benchmark.Paper(new Scoring.Told(errorG, shareG), new Scoring.Told(errorD, shareD)));
    }

    /** Three pixels lie on a line; what that makes of the fourth is far beyond the range. */
    @ParameterizedTest
    @CsvSource({"nyuv2, 10", "kitti, 80", "scannet, 10", "diode, 350"})
    void alignedDepthIsCutToTheBenchmarksRange(String id, float largest) {
        DepthScoring scoring = (DepthScoring) Benchmark.of(id).scoring(DepthKind.AFFINE_DEPTH);
        Truth truth = new Truth(4, 1, new float[] {1, 2, 3, 0}, new boolean[] {true, true, true, false});
        assertThat(scoring.aligned(new Plane(4, 1, 1, new float[] {1, 2, 3, 1e6f}), truth)[3])
                .isEqualTo(largest);
    }

    /** ETH3D's alignment looks at 1,024 of 2,048 columns; here the others would draw it away. */
    @Test
    void onlyEth3dsAlignmentIsThinned() {
        int width = 2048;
        float[] metres = new float[width];
        float[] prediction = new float[width];
        boolean[] valid = new boolean[width];
        for (int x = 0; x < width; x++) {
            prediction[x] = x / 2 % 7;
            metres[x] = x % 2 == 0 ? 1 + prediction[x] : 3;
            valid[x] = true;
        }
        Truth truth = new Truth(width, 1, metres, valid);
        Plane plane = new Plane(width, 1, 1, prediction);
        DepthScoring thinned = (DepthScoring) Benchmark.of("eth3d").scoring(DepthKind.AFFINE_DEPTH);
        DepthScoring whole = new DepthScoring(DepthKind.AFFINE_DEPTH, 1e-5, 80, OptionalInt.empty());
        assertThat(thinned.aligned(plane, truth)[12]).isCloseTo(7, within(1e-3f));
        assertThat(whole.aligned(plane, truth)[12]).isCloseTo(5, within(1e-1f));
    }

    @Test
    void aFrameLiesAroundTheImageAndComesOff() {
        Framing framing = Framing.of(30, 33);
        assertThat(framing).isEqualTo(new Framing(new Area(1, 15, 30, 33), 32, 64));
        byte[] white = new byte[3 * 30 * 33];
        Arrays.fill(white, (byte) 255);
        byte[] framed = framing.around(RgbImage.of(30, 33, white)).toArray();
        assertThat(framed).hasSize(3 * 32 * 64);
        assertThat(framed[3 * (15 * 32)]).isZero();
        assertThat(framed[3 * (15 * 32 + 1)]).isEqualTo((byte) 255);
        assertThat(framed[3 * (14 * 32 + 1)]).isZero();
        float[] normals = new float[3 * 32 * 64];
        for (int i = 0; i < normals.length; i += 3) {
            boolean inside = framed[i] != 0;
            normals[i + (inside ? 2 : 0)] = 1;
        }
        NormalMap image = framing.undo(NormalMap.of(32, 64, normals, NormalAxes.DSINE));
        for (int y = 0; y < 33; y++) {
            for (int x = 0; x < 30; x++) {
                assertThat(image.at(x, y)).containsExactly(0, 0, 1);
            }
        }
    }
}
