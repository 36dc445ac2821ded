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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "depth",
        header = "Depth or disparity of images.",
        description =
                "Writes NAME_depth.npy (float32, [H, W]), NAME_depth.png (16 bits) and NAME_depth_preview.png (near is red)"
                        + " for each image, and what else --format names. Values are from 0 to 1, up to an unknown scale and shift: depth grows with the distance,"
                        + " disparity falls. With --format ply, glb or obj also NAME_depth.ply and so on: a mesh in the image's colours; with html a page that shows it.")
final class DepthCommand extends Prediction {
    @Option(
            names = "--model",
            paramLabel = "NAME|DIR|nano",
            defaultValue = "nano",
            description =
                    "A checkpoint that was fetched, a checkpoint's folder, or the embedded miniature (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String model;

    @Option(
            names = "--kind",
            paramLabel = "depth|disparity",
            description = "What the checkpoint predicts, where its name does not say.")
    private @Nullable Kind kind;

    @Override
    void choose(LotusBuilder builder) {
        if (usesNano()) {
            requireOfNano(kind);
            builder.nanoDepth();
        } else {
            chooseDepth(builder, checkpoint("--model", model), kind);
        }
    }

    @Override
    boolean usesNano() {
        return isNano(model);
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
