package example;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.TemporalSmoothing;
import java.util.function.Consumer;

/** Depth of a video's frames, in their order, without flicker. */
public final class Film {
    public static void depth(Lotus lotus, Iterable<RgbImage> frames, Consumer<DepthMap> depths) {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(PredictionOptions.DEFAULT, TemporalSmoothing.DEFAULT);
        for (RgbImage frame : frames) {
            depths.accept(sequence.next(frame));
        }
    }
}
