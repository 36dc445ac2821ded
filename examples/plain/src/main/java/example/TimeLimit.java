package example;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** A prediction that ends when its time is over. */
public final class TimeLimit {
    public static Optional<DepthMap> depth(Lotus lotus, RgbImage image, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        PredictionOptions options = PredictionOptions.DEFAULT.withCancellation(() -> System.nanoTime() - end > 0);
        try {
            return Optional.of(lotus.predictDepth(image, options));
        } catch (CancellationException e) { // the lotus can be used as before
            return Optional.empty();
        }
    }
}
