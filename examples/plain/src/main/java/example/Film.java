package example;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.FrameSequence;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.TemporalSmoothing;
import java.util.stream.Stream;

/** Depth of a video's frames, in their order, without flicker. */
public final class Film {
    public static Stream<DepthMap> depth(Lotus lotus, Stream<RgbImage> frames) {
        FrameSequence<DepthMap> sequence = lotus.depthSequence(PredictionOptions.DEFAULT, TemporalSmoothing.DEFAULT);
        return frames.sequential().map(sequence::next);
    }
}
