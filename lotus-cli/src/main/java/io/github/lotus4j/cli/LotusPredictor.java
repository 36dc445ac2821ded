package io.github.lotus4j.cli;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionFile;
import io.github.lotus4j.output.PredictionFiles;
import io.github.lotus4j.serve.Predictor;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Predicts for the page what depth and geometry predict, to the byte, in all formats.
 *
 * @param normals whether there is a checkpoint for them
 * @param note of the checkpoint, to visitors; may be empty
 */
record LotusPredictor(Lotus lotus, PredictionOptions options, ShapeOptions shapes, boolean normals, String note)
        implements Predictor {
    private static final PredictionFiles FILES = new PredictionFiles(EnumSet.allOf(Format.class));

    @Override
    public Prediction predict(RgbImage image, String file, Watch watch) {
        PredictionOptions watched = options.withCancellation(watch::cancelled)
                .withProgress(now -> watch.at(now.stage().name().toLowerCase(Locale.ROOT), now.fraction()));
        String name = Source.nameOf(file);
        if (!normals) {
            DepthMap depth = lotus.predictDepth(image, watched);
            DepthView view = shape(watch, () -> shapes.of(depth, image));
            return new Prediction(
                    name,
                    kind(depth),
                    joined(FILES.of(name, depth), FILES.of(name, "depth", view)),
                    bytes(image) + bytes(depth));
        }
        Geometry geometry = lotus.predictGeometry(image, watched);
        DepthMap depth = geometry.depth();
        DepthView view = shape(watch, () -> shapes.of(geometry, image));
        return new Prediction(
                name,
                kind(depth),
                joined(FILES.of(name, geometry), FILES.of(name, "geometry", view)),
                bytes(image) + bytes(depth) + bytes(geometry.normals()));
    }

    private static DepthView shape(Watch watch, Supplier<DepthView> making) {
        watch.at("shape", 1);
        if (watch.cancelled()) {
            throw new CancellationException();
        }
        return making.get();
    }

    private static String kind(DepthMap depth) {
        return depth.kind() == DepthKind.AFFINE_DISPARITY ? "disparity" : "depth";
    }

    private static List<PredictionFile> joined(List<PredictionFile> maps, List<PredictionFile> shapes) {
        return Stream.concat(maps.stream(), shapes.stream()).toList();
    }

    private static long bytes(RgbImage image) {
        return 3L * image.width() * image.height();
    }

    /** Values, their spread, and the view's metres. */
    private static long bytes(DepthMap depth) {
        return (depth.spread().isPresent() ? 12L : 8L) * depth.width() * depth.height();
    }

    /** Vectors, the image that they were, and their spread. */
    private static long bytes(NormalMap map) {
        return (map.spread().isPresent() ? 28L : 24L) * map.width() * map.height();
    }

    @Override
    public Map<String, Object> about() {
        return Map.of("normals", normals, "note", note);
    }
}
