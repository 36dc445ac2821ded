package io.github.lotus4j.cli;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.output.ColourMap;
import io.github.lotus4j.output.PredictionWriter;
import io.github.lotus4j.output.ValueRange;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What becomes of what is predicted of frames.
 *
 * @param files writes one, under a name
 * @param picture of one, for the video
 * @param video how the video's name ends
 */
record FrameResults<T>(BiFunction<String, T, List<Path>> files, Function<T, Picture> picture, String video) {
    /** @param rgb {@code [height, width, 3]} */
    record Picture(int width, int height, byte[] rgb) {}

    static FrameResults<DepthMap> ofDepth(PredictionWriter writer, ColourMap colours, ValueRange range) {
        return new FrameResults<>(
                writer::write,
                map -> new Picture(map.width(), map.height(), colours.paint(map, range)),
                "_depth_preview.mp4");
    }

    static FrameResults<NormalMap> ofNormals(PredictionWriter writer) {
        return new FrameResults<>(
                writer::write, map -> new Picture(map.width(), map.height(), map.toRgb()), "_normal.mp4");
    }
}
