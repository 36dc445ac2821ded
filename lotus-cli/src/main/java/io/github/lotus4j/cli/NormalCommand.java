package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "normal",
        header = "Surface normals of images.",
        description =
                "Writes NAME_normal.npy (float32, [H, W, 3], unit vectors) and NAME_normal.png for each image, and what else --format names. Axes: x to the"
                        + " left, y up, z toward the camera; a wall that faces the camera is (0, 0, 1). With --format ply, glb or"
                        + " obj also NAME_normal.ply and so on: the surface that has these normals, in the image's colours; with html a page that shows it.")
final class NormalCommand extends Prediction {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Override
    void choose(LotusBuilder builder) {
        if (usesNano()) {
            builder.nanoNormal();
            return;
        }
        Path folder = model.folder(this);
        warnOfDepth(folder);
        builder.normal(folder);
    }

    @Override
    boolean usesNano() {
        return model.isNano();
    }

    @Override
    boolean writesDepth() {
        return false;
    }

    @Override
    Supplier<List<Path>> predict(
            Lotus lotus, RgbImage image, PredictionOptions options, PredictionWriter writer, String name) {
        NormalMap normals = lotus.predictNormal(image, options);
        return () -> Stream.concat(
                        writer.write(name, normals).stream(),
                        writer.write(name, "normal", () -> shapes().of(normals, image)).stream())
                .toList();
    }
}
