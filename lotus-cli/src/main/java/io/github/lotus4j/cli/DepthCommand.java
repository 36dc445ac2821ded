package io.github.lotus4j.cli;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
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
        name = "depth",
        header = "Depth or disparity of images.",
        description =
                "Writes NAME_depth.npy (float32, [H, W]), NAME_depth.png (16 bits) and NAME_depth_preview.png (near is red)"
                        + " for each image, and what else --format names. Values are from 0 to 1, up to an unknown scale and shift: depth grows with the distance,"
                        + " disparity falls. With --format ply, glb or obj also NAME_depth.ply and so on: a mesh in the image's colours; with html a page that shows it.")
final class DepthCommand extends Prediction {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KindOption kind;

    @Override
    void choose(LotusBuilder builder) {
        if (usesNano()) {
            kind.requireOfNano(this);
            builder.nanoDepth();
        } else {
            kind.chooseDepth(builder, model.folder(this), this);
        }
    }

    @Override
    boolean usesNano() {
        return model.isNano();
    }

    @Override
    Supplier<List<Path>> predict(
            Lotus lotus, RgbImage image, PredictionOptions options, PredictionWriter writer, String name) {
        DepthMap depth = lotus.predictDepth(image, options);
        return () -> Stream.concat(
                        writer.write(name, depth).stream(),
                        writer.write(name, "depth", () -> shapes().of(depth, image)).stream())
                .toList();
    }
}
