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
import picocli.CommandLine.Option;

@Command(
        name = "normal",
        header = "Surface normals of images.",
        description =
                "Writes NAME_normal.npy (float32, [H, W, 3], unit vectors) and NAME_normal.png for each image, and what else --format names. Axes: x to the"
                        + " left, y up, z toward the camera; a wall that faces the camera is (0, 0, 1). With --format ply, glb or"
                        + " obj also NAME_normal.ply and so on: the surface that has these normals, in the image's colours; with html a page that shows it.")
final class NormalCommand extends Prediction {
    @Option(
            names = "--model",
            paramLabel = "NAME|DIR|nano",
            defaultValue = "nano",
            description =
                    "A checkpoint that was fetched, a checkpoint's folder, or the embedded miniature (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String model;

    @Override
    void choose(LotusBuilder builder) {
        if (usesNano()) {
            builder.nanoNormal();
            return;
        }
        Path folder = checkpoint("--model", model);
        warnOfDepth(folder);
        builder.normal(folder);
    }

    @Override
    boolean usesNano() {
        return isNano(model);
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
