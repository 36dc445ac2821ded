package io.github.lotus4j.cli;

import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "geometry",
        header = "Depth and surface normals of images, which are encoded once for both.",
        description =
                "Writes what depth and normal write, but one archive (--format npz), NAME_geometry.npz, and one shape: with --format ply, glb or obj, NAME_geometry.ply and so"
                        + " on, a mesh by the depth in the proportions that go with the normals, in the image's colours; with html a page that shows it.")
final class GeometryCommand extends Prediction {
    @Option(
            names = "--depth-model",
            paramLabel = "NAME|DIR",
            description =
                    "The depth checkpoint's name or folder; goes with --normal-model (default: the embedded miniatures).")
    private @Nullable String depthModel;

    @Option(names = "--normal-model", paramLabel = "NAME|DIR", description = "The normal checkpoint's name or folder.")
    private @Nullable String normalModel;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KindOption kind;

    @Override
    void choose(LotusBuilder builder) {
        if (depthModel == null && normalModel == null) {
            kind.requireOfNano(this);
            builder.nano();
            return;
        }
        if (depthModel == null || normalModel == null) {
            throw usage("--depth-model and --normal-model go together; found only one of them");
        }
        Path depth = checkpoint("--depth-model", depthModel);
        Path normal = checkpoint("--normal-model", normalModel);
        kind.chooseDepth(builder, depth, this);
        builder.normal(normal);
        warnOfDepth(normal);
    }

    @Override
    boolean usesNano() {
        return depthModel == null && normalModel == null;
    }

    @Override
    Supplier<List<Path>> predict(
            Lotus lotus, RgbImage image, PredictionOptions options, PredictionWriter writer, String name) {
        Geometry geometry = lotus.predictGeometry(image, options);
        return () -> Stream.of(
                        writer.write(name, geometry),
                        writer.write(name, "geometry", () -> shapes().of(geometry, image)))
                .flatMap(List::stream)
                .toList();
    }
}
