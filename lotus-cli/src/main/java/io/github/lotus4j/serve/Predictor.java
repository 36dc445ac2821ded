package io.github.lotus4j.serve;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.output.PredictionFile;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** What the server predicts with. Used by one thread at a time. */
public interface Predictor {
    /** What a prediction under way tells, and asks. */
    interface Watch {
        /**
         * @param stage in a word
         * @param fraction of the work that is done, 0 to 1
         */
        void at(String stage, double fraction);

        /** Asked often, from any thread. */
        boolean cancelled();
    }

    /**
     * What was predicted of an image.
     *
     * @param name of the image, without its suffix
     * @param kind depth or disparity
     * @param files that can be had, made when they are written; by any thread
     * @param bytes that they hold in memory
     */
    record Prediction(String name, String kind, List<PredictionFile> files, long bytes) {}

    /**
     * @param file the name of the image's file
     * @throws io.github.lotus4j.error.LotusException if it cannot be predicted
     * @throws CancellationException if it was cancelled
     */
    Prediction predict(RgbImage image, String file, Watch watch);

    /** What the page says of it: {@code normals} (whether), {@code note} (what may surprise). */
    Map<String, Object> about();
}
