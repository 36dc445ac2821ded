package io.github.lotus4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.lotus4j.eval.Alignment;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.NormalAlignment;
import io.github.lotus4j.geometry.NormalIntegration;
import io.github.lotus4j.geometry.PointCloud;
import io.github.lotus4j.geometry.Pose;
import io.github.lotus4j.geometry.TriangleMesh;
import io.github.lotus4j.geometry.VoxelGrid;
import io.github.lotus4j.image.ImageFile;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.output.ColourMap;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.Metadata;
import io.github.lotus4j.output.Npy;
import io.github.lotus4j.output.PredictionFile;
import io.github.lotus4j.output.PredictionFiles;
import io.github.lotus4j.output.PredictionWriter;
import io.github.lotus4j.output.ShapeFile;
import io.github.lotus4j.output.ValueRange;
import io.github.lotus4j.output.ViewerPage;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A null is refused under the argument's name, before anything is done. */
@SuppressWarnings("NullAway") // which forbids it where it is used
class NullArgumentsTest {
    private static final Path FILE = Path.of("never-written");
    private static final OutputStream OUT = new ByteArrayOutputStream();
    private static final RgbImage IMAGE = RgbImage.of(2, 1, new byte[6]);
    private static final DepthMap DEPTH = DepthMap.of(2, 1, new float[] {0, 1}, DepthKind.AFFINE_DEPTH);
    private static final MetricDepthMap METRES = MetricDepthMap.of(2, 1, new float[] {1, 2});
    private static final NormalMap NORMALS = NormalMap.of(2, 1, new float[] {0, 0, 1, 0, 0, 1}, NormalAxes.DSINE);
    private static final Camera CAMERA = Camera.of(IMAGE);
    private static final DepthView VIEW = DepthView.of(METRES, CAMERA);
    private static final PointCloud POINTS = new PointCloud(new float[3], new byte[0], new float[0]);
    private static final TriangleMesh MESH = new TriangleMesh(POINTS, new int[0]);
    private static final PredictionWriter WRITER = new PredictionWriter(FILE, Set.of(Format.PNG));
    private static final PredictionFiles FILES = new PredictionFiles(Set.of(Format.PNG));

    @ParameterizedTest
    @MethodSource({"loading", "images", "maps", "shapes", "files", "filesOfPredictions"})
    void nullIsNamed(ThrowingCallable call, String argument) {
        assertThatThrownBy(call).isExactlyInstanceOf(NullPointerException.class).hasMessage(argument);
    }

    private static Arguments refuses(String argument, String what, ThrowingCallable call) {
        return arguments(named(what, call), argument);
    }

    static Stream<Arguments> loading() {
        return Stream.of(
                refuses("checkpoint", "Lotus.load", () -> Lotus.load((Path) null)),
                refuses("name", "Lotus.load", () -> Lotus.load((String) null)),
                refuses("folder", "depth", () -> Lotus.builder().depth(null)),
                refuses("folder", "depth", () -> Lotus.builder().depth(null, DepthKind.AFFINE_DEPTH)),
                refuses("kind", "depth", () -> Lotus.builder().depth(FILE, null)),
                refuses("folder", "normal", () -> Lotus.builder().normal(null)),
                refuses("folder", "checkpoint", () -> Lotus.builder().checkpoint(null)),
                refuses("name", "backend", () -> Lotus.builder().backend(null)),
                refuses("folder", "packedWeightsCache", () -> Lotus.builder().packedWeightsCache(null)),
                refuses("path", "CheckpointInfo.read", () -> CheckpointInfo.read(null)),
                refuses("path", "CheckpointInfo.readWithValues", () -> CheckpointInfo.readWithValues(null)),
                refuses("name", "CheckpointName.of", () -> CheckpointName.of((String) null)),
                refuses("path", "CheckpointName.of", () -> CheckpointName.of((Path) null)),
                refuses("name", "Backends.open", () -> Backends.open(null, null)),
                refuses("settings", "Backends.open", () -> Backends.open("cpu", null)));
    }

    static Stream<Arguments> images() {
        return Stream.of(
                refuses("rgb", "RgbImage.of", () -> RgbImage.of(1, 1, null)),
                refuses("image", "RgbImage.of", () -> RgbImage.of(null)),
                refuses("path", "RgbImage.read", () -> RgbImage.read(null)),
                refuses("name", "RgbImage.decode", () -> RgbImage.decode(null, new byte[1])),
                refuses("file", "RgbImage.decode", () -> RgbImage.decode("a", null)),
                refuses("path", "ImageFile.read", () -> ImageFile.read(null)),
                refuses("name", "ImageFile.decodeStored", () -> ImageFile.decodeStored(null, new byte[1])),
                refuses("file", "ImageFile.decodeStored", () -> ImageFile.decodeStored("a", null)),
                refuses("name", "ImageFile.size", () -> ImageFile.size(null, new byte[1])),
                refuses("file", "ImageFile.size", () -> ImageFile.size("a", null)),
                refuses("progress", "withProgress", () -> PredictionOptions.DEFAULT.withProgress(null)),
                refuses("cancelled", "withCancellation", () -> PredictionOptions.DEFAULT.withCancellation(null)));
    }

    static Stream<Arguments> maps() {
        Alignment line = new Alignment(1, 0);
        OptionalLong seed = OptionalLong.empty();
        OptionalInt tile = OptionalInt.empty();
        OptionalDouble weight = OptionalDouble.empty();
        return Stream.of(
                refuses("values", "DepthMap.of", () -> DepthMap.of(1, 1, null, DepthKind.AFFINE_DEPTH)),
                refuses("kind", "DepthMap.of", () -> DepthMap.of(1, 1, new float[1], null)),
                refuses("samples", "alignTo", () -> DEPTH.alignTo(null)),
                refuses("samples", "alignRobustlyTo", () -> DEPTH.alignRobustlyTo(null)),
                refuses("alignment", "toMetric", () -> DEPTH.toMetric(null)),
                refuses("kind", "DepthAlignment", () -> new DepthAlignment(null, line, 0, 0, 0, 0)),
                refuses("line", "DepthAlignment", () -> new DepthAlignment(DepthKind.AFFINE_DEPTH, null, 0, 0, 0, 0)),
                refuses("metres", "MetricDepthMap.of", () -> MetricDepthMap.of(1, 1, null)),
                refuses("kind", "toRelative", () -> METRES.toRelative(null)),
                refuses("vectors", "NormalMap.of", () -> NormalMap.of(1, 1, null, NormalAxes.DSINE)),
                refuses("axes", "NormalMap.of", () -> NormalMap.of(1, 1, new float[3], null)),
                refuses("axes", "toArray", () -> NORMALS.toArray(null)),
                refuses(
                        "checkpoint",
                        "Provenance",
                        () -> new Provenance(null, "f", 1, 1, seed, 1, 1, seed, tile, weight)),
                refuses(
                        "fingerprint",
                        "Provenance",
                        () -> new Provenance("c", null, 1, 1, seed, 1, 1, seed, tile, weight)),
                refuses("seed", "Provenance", () -> new Provenance("c", "f", 1, 1, null, 1, 1, seed, tile, weight)),
                refuses(
                        "latentSampleSeed",
                        "Provenance",
                        () -> new Provenance("c", "f", 1, 1, seed, 1, 1, null, tile, weight)),
                refuses("vaeTile", "Provenance", () -> new Provenance("c", "f", 1, 1, seed, 1, 1, seed, null, weight)),
                refuses(
                        "frameWeight",
                        "Provenance",
                        () -> new Provenance("c", "f", 1, 1, seed, 1, 1, seed, tile, null)),
                refuses("depth", "Geometry", () -> new Geometry(null, NORMALS)),
                refuses("normals", "Geometry", () -> new Geometry(DEPTH, null)));
    }

    static Stream<Arguments> shapes() {
        boolean[] mask = {true, true};
        return Stream.of(
                refuses("image", "Camera.of", () -> Camera.of(null)),
                refuses("depth", "DepthView.of", () -> DepthView.of(null, CAMERA)),
                refuses("camera", "DepthView.of", () -> DepthView.of(METRES, null)),
                refuses("image", "withColours", () -> VIEW.withColours(null)),
                refuses("map", "withNormals", () -> VIEW.withNormals(null)),
                refuses("positions", "PointCloud", () -> new PointCloud(null, new byte[0], new float[0])),
                refuses("colours", "PointCloud", () -> new PointCloud(new float[0], null, new float[0])),
                refuses("normals", "PointCloud", () -> new PointCloud(new float[0], new byte[0], null)),
                refuses("vertices", "TriangleMesh", () -> new TriangleMesh(null, new int[0])),
                refuses("triangles", "TriangleMesh", () -> new TriangleMesh(POINTS, null)),
                refuses("rotation", "Pose", () -> new Pose(null, 0, 0, 0)),
                refuses(
                        "points",
                        "place",
                        () -> new Pose(List.of(1., 0., 0., 0., 1., 0., 0., 0., 1.), 0, 0, 0).place(null)),
                refuses("points", "VoxelGrid.add", () -> new VoxelGrid(1).add(null)),
                refuses("depth", "align", () -> NormalAlignment.align(null, NORMALS, CAMERA, 1, 2)),
                refuses("normals", "align", () -> NormalAlignment.align(DEPTH, null, CAMERA, 1, 2)),
                refuses("camera", "align", () -> NormalAlignment.align(DEPTH, NORMALS, null, 1, 2)),
                refuses("normals", "perspective", () -> NormalIntegration.perspective(null, CAMERA, 1)),
                refuses("camera", "perspective", () -> NormalIntegration.perspective(NORMALS, null, 1)),
                refuses("normals", "perspective", () -> NormalIntegration.perspective(null, CAMERA, mask, 1)),
                refuses("camera", "perspective", () -> NormalIntegration.perspective(NORMALS, null, mask, 1)),
                refuses("mask", "perspective", () -> NormalIntegration.perspective(NORMALS, CAMERA, null, 1)),
                refuses("normals", "orthographic", () -> NormalIntegration.orthographic(null, mask)),
                refuses("mask", "orthographic", () -> NormalIntegration.orthographic(NORMALS, null)),
                refuses("depth", "refine", () -> NormalIntegration.refine(null, NORMALS, CAMERA, 1)),
                refuses("normals", "refine", () -> NormalIntegration.refine(METRES, null, CAMERA, 1)),
                refuses("camera", "refine", () -> NormalIntegration.refine(METRES, NORMALS, null, 1)));
    }

    static Stream<Arguments> files() {
        Path ply = Path.of("never-written.ply");
        return Stream.of(
                refuses("folder", "PredictionWriter", () -> new PredictionWriter(null, Set.of())),
                refuses("formats", "PredictionWriter", () -> new PredictionWriter(FILE, null)),
                refuses("name", "write", () -> WRITER.write(null, DEPTH)),
                refuses("depth", "write", () -> WRITER.write("a", (DepthMap) null)),
                refuses("normals", "write", () -> WRITER.write("a", (NormalMap) null)),
                refuses("geometry", "write", () -> WRITER.write("a", (Geometry) null)),
                refuses("colours", "withColours", () -> WRITER.withColours(null)),
                refuses("range", "withRange", () -> WRITER.withRange(null)),
                refuses("name", "write", () -> WRITER.write(null, "depth", () -> VIEW)),
                refuses("kind", "write", () -> WRITER.write("a", null, () -> VIEW)),
                refuses("shape", "write", () -> WRITER.write("a", "depth", null)),
                refuses("target", "ShapeFile.write", () -> ShapeFile.write(null, POINTS)),
                refuses("target", "ShapeFile.write", () -> ShapeFile.write(null, MESH)),
                refuses("points", "ShapeFile.write", () -> ShapeFile.write(ply, (PointCloud) null)),
                refuses("mesh", "ShapeFile.write", () -> ShapeFile.write(ply, (TriangleMesh) null)),
                refuses("metadata", "ShapeFile.write", () -> ShapeFile.write(ply, MESH, null)),
                refuses("target", "ViewerPage.write", () -> ViewerPage.write(null, "a", "depth", VIEW)),
                refuses("image", "ViewerPage.write", () -> ViewerPage.write(FILE, null, "depth", VIEW)),
                refuses("kind", "ViewerPage.write", () -> ViewerPage.write(FILE, "a", null, VIEW)),
                refuses("view", "ViewerPage.write", () -> ViewerPage.write(FILE, "a", "depth", null)),
                refuses("colours", "ViewerPage.write", () -> ViewerPage.write(FILE, "a", "depth", VIEW, null)),
                refuses("out", "Npy.write", () -> Npy.write(null, new float[1], 1)),
                refuses("values", "Npy.write", () -> Npy.write(OUT, null, 1)),
                refuses("shape", "Npy.write", () -> Npy.write(OUT, new float[1], (int[]) null)),
                refuses("values", "paint", () -> ColourMap.GREY.paint(null)),
                refuses("depth", "paint", () -> ColourMap.GREY.paint(null, new ValueRange(0, 1))),
                refuses("range", "paint", () -> ColourMap.GREY.paint(DEPTH, null)));
    }

    static Stream<Arguments> filesOfPredictions() {
        return Stream.of(
                refuses("formats", "PredictionFiles", () -> new PredictionFiles(null)),
                refuses("colours", "withColours", () -> FILES.withColours(null)),
                refuses("range", "withRange", () -> FILES.withRange(null)),
                refuses("name", "of", () -> FILES.of(null, DEPTH)),
                refuses("depth", "of", () -> FILES.of("a", (DepthMap) null)),
                refuses("name", "of", () -> FILES.of(null, NORMALS)),
                refuses("normals", "of", () -> FILES.of("a", (NormalMap) null)),
                refuses("name", "of", () -> FILES.of(null, new Geometry(DEPTH, NORMALS))),
                refuses("geometry", "of", () -> FILES.of("a", (Geometry) null)),
                refuses("name", "of", () -> FILES.of(null, "depth", VIEW)),
                refuses("kind", "of", () -> FILES.of("a", null, VIEW)),
                refuses("view", "of", () -> FILES.of("a", "depth", null)),
                refuses("name", "PredictionFile", () -> new PredictionFile(null, out -> {})),
                refuses("content", "PredictionFile", () -> new PredictionFile("a", null)),
                refuses("depth", "Metadata.of", () -> Metadata.of((DepthMap) null)),
                refuses("normals", "Metadata.of", () -> Metadata.of((NormalMap) null)),
                refuses("view", "Metadata.of", () -> Metadata.of((DepthView) null)));
    }

    @Test
    void predictionsNameTheirs(@TempDir Path folder) throws IOException {
        Path depth = SyntheticCheckpoint.write(folder.resolve("lotus-depth"), Architecture.TINY, Mode.D, 1, DType.F32);
        Path normal =
                SyntheticCheckpoint.write(folder.resolve("lotus-normal"), Architecture.TINY, Mode.D, 1, DType.F32);
        try (Lotus lotus = Lotus.builder().depth(depth).normal(normal).build()) {
            List<ThrowingCallable> withoutImage = List.of(
                    () -> lotus.predictDepth((RgbImage) null),
                    () -> lotus.predictDepth((BufferedImage) null),
                    () -> lotus.predictDepth((Path) null),
                    () -> lotus.predictNormal((RgbImage) null),
                    () -> lotus.predictNormal((BufferedImage) null),
                    () -> lotus.predictNormal((Path) null),
                    () -> lotus.predictGeometry((RgbImage) null),
                    () -> lotus.predictGeometry((BufferedImage) null),
                    () -> lotus.predictGeometry((Path) null));
            withoutImage.forEach(call -> nullIsNamed(call, "image"));
            nullIsNamed(() -> lotus.predictDepth(IMAGE, null), "options");
            nullIsNamed(() -> lotus.predictNormal(IMAGE, null), "options");
            nullIsNamed(() -> lotus.predictGeometry(IMAGE, null), "options");
            nullIsNamed(() -> lotus.predictionBytes(1, 1, null), "options");
            nullIsNamed(() -> lotus.plan(1, 1, null), "options");
            nullIsNamed(() -> lotus.depthSequence(null, TemporalSmoothing.NONE), "options");
            nullIsNamed(() -> lotus.normalSequence(null, TemporalSmoothing.NONE), "options");
            nullIsNamed(() -> lotus.geometrySequence(null, TemporalSmoothing.NONE), "options");
            nullIsNamed(() -> lotus.depthSequence(PredictionOptions.DEFAULT, null), "smoothing");
            nullIsNamed(() -> lotus.normalSequence(PredictionOptions.DEFAULT, null), "smoothing");
            nullIsNamed(() -> lotus.geometrySequence(PredictionOptions.DEFAULT, null), "smoothing");
            FrameSequence<DepthMap> frames = lotus.depthSequence(PredictionOptions.DEFAULT, TemporalSmoothing.NONE);
            nullIsNamed(() -> frames.next(null), "frame");
            nullIsNamed(() -> lotus.predictDepth((List<RgbImage>) null, PredictionOptions.DEFAULT), "images");
            List<RgbImage> second = Arrays.asList(IMAGE, null);
            nullIsNamed(() -> lotus.predictNormal(second, PredictionOptions.DEFAULT), "images: number 2");
        }
    }
}
