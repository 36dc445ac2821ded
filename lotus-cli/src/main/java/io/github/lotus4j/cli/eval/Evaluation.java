package io.github.lotus4j.cli.eval;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Compares predictions of a benchmark's images with the truth. Predictions are always taken from a folder; what is missing there may be
 * predicted first, so that an evaluation that was broken off goes on where it was, and that of another program's predictions is the same
 * in every other respect. Used once.
 */
public final class Evaluation {
    /** What predicts, and is told how it goes. */
    public interface Work {
        /** Leaves the prediction of an image in the folder, if it can. */
        void predict(Sample sample, RgbImage image);

        /** Before each image. */
        void begins(Sample sample);

        /** After each that went wrong. */
        void failed(Sample sample, RuntimeException reason);
    }

    /**
     * What came of one image.
     *
     * @param values one for each measure
     */
    record Score(Sample sample, double[] values) {}

    /**
     * What came of all.
     *
     * @param failed how many could not be judged
     */
    public record Result(Benchmark benchmark, Scoring scoring, List<Score> scores, int failed) {
        /** Those furthest from the truth, the worst first. */
        List<Score> worst(int count) {
            return scores.stream()
                    .sorted(Comparator.comparingDouble((Score each) -> each.values()[0])
                            .reversed())
                    .limit(count)
                    .toList();
        }

        /** The figure that the paper calls error: AbsRel in percent, or the mean angle in degrees; NaN where no image was judged. */
        public double error() {
            return scoring.told(scoring.summary()).error();
        }

        /** The share of pixels that are right, as the paper has it, in percent. */
        public double share() {
            return scoring.told(scoring.summary()).share();
        }
    }

    private final Benchmark benchmark;
    private final DataSource data;
    private final Predictions predictions;
    private final Scoring scoring;
    private final List<Score> scores = new ArrayList<>();
    private int failed;

    /** @param kind of predictions, of depth */
    public Evaluation(Benchmark benchmark, DepthKind kind, DataSource data, Predictions predictions) {
        this.benchmark = benchmark;
        this.data = data;
        this.predictions = predictions;
        scoring = benchmark.scoring(kind);
    }

    /** @throws CancellationException if a prediction was cancelled */
    public Result over(List<Sample> samples, Work work) {
        for (Sample sample : samples) {
            work.begins(sample);
            try {
                RgbImage image = benchmark.layout().image(data, sample.files());
                Truth truth = benchmark.layout().truth(data, sample.files(), image);
                Plane prediction = prediction(sample, image, truth, work);
                scores.add(new Score(sample, scoring.add(prediction, truth)));
            } catch (CancellationException e) {
                throw e;
            } catch (RuntimeException e) { // the other images may do better
                failed++;
                work.failed(sample, e);
            } catch (OutOfMemoryError e) {
                failed++;
                work.failed(sample, new LotusException("Java's memory is used up; give it more, as with -Xmx8g", e));
            }
        }
        return new Result(benchmark, scoring, scores, failed);
    }

    private Plane prediction(Sample sample, RgbImage image, Truth truth, Work work) {
        Optional<Plane> found = predictions.find(benchmark, sample, image, truth);
        if (found.isEmpty()) {
            work.predict(sample, image);
            found = predictions.find(benchmark, sample, image, truth);
        }
        Plane prediction = found.orElseThrow(() -> new LotusException("no prediction lies in " + predictions.folder()
                + ", expected " + predictions.expected(benchmark, sample)));
        requireFinite(prediction, truth);
        return prediction;
    }

    private static void requireFinite(Plane prediction, Truth truth) {
        for (int i = 0; i < prediction.values().length; i++) {
            int pixel = i / prediction.channels();
            if (truth.valid()[pixel] && !Float.isFinite(prediction.values()[i])) {
                throw new LotusException("prediction: found %s at column %d, row %d, expected a finite value"
                        .formatted(prediction.values()[i], pixel % truth.width(), pixel / truth.width()));
            }
        }
    }
}
