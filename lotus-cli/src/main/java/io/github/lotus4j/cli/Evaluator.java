package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.cli.eval.DataSource;
import io.github.lotus4j.cli.eval.Evaluation;
import io.github.lotus4j.cli.eval.Predictions;
import io.github.lotus4j.cli.eval.Sample;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Predicts what an evaluation lacks, with a model that is loaded when the first prediction is asked for, and tells how it goes. */
final class Evaluator implements Evaluation.Work, AutoCloseable {
    private static final int WARM_UP_PREDICTIONS = 3;
    private static final long WARM_UP_NANOS = 2_000_000_000L;

    private final EvaluationCommand command;
    private final DataSource data;
    private final @Nullable LotusBuilder builder;
    private final PredictionOptions options;
    private final @Nullable Predictions predictions;
    private final PrintWriter err;
    private final ProgressLine line;
    private final Pace pace;
    private @Nullable Lotus lotus;
    private boolean begun;

    private Evaluator(
            EvaluationCommand command,
            DataSource data,
            int samples,
            @Nullable LotusBuilder builder,
            PredictionOptions options,
            @Nullable Predictions predictions) {
        this.command = command;
        this.data = data;
        this.builder = builder;
        this.options = options;
        this.predictions = predictions;
        err = command.spec().commandLine().getErr();
        line = ProgressLine.onTerminal(err);
        pace = new Pace(OptionalLong.of(samples), Pace.Unit.IMAGE, System::nanoTime);
    }

    /** Predicts nothing. */
    static Evaluator ofPredictions(EvaluationCommand command, DataSource data, int samples) {
        return new Evaluator(command, data, samples, null, PredictionOptions.DEFAULT, null);
    }

    /** @param predictions where they are left */
    static Evaluator predicting(
            EvaluationCommand command,
            DataSource data,
            int samples,
            LotusBuilder builder,
            PredictionOptions options,
            Predictions predictions) {
        return new Evaluator(command, data, samples, builder, options, predictions);
    }

    @Override
    public void begins(Sample sample) {
        if (begun) {
            pace.step();
        }
        begun = true;
        line.show(pace + ", " + sample.name());
    }

    @Override
    public void failed(Sample sample, RuntimeException reason) {
        line.clear();
        String message =
                reason instanceof LotusException ? String.valueOf(reason.getMessage()) : "unexpected " + reason;
        err.println("lotus: " + BatchReport.naming(data.describe(sample.image()), message));
    }

    @Override
    public void predict(Sample sample, RgbImage image) {
        if (predictions != null) {
            predictions.add(command.benchmark(), sample, image, lotus(), options);
        }
    }

    /** Loads the model, so that one that cannot be loaded is told once, unless all is predicted already. */
    void prepare(List<Sample> samples) {
        if (predictions != null && !predictions.complete(command.benchmark(), samples)) {
            lotus();
        }
    }

    /** Predicts some images in vain if any is left to be predicted: until Java has compiled what is hot, times are no times. */
    void warmUp(List<Sample> samples, RgbImage image) {
        if (predictions == null || predictions.complete(command.benchmark(), samples)) {
            return;
        }
        long start = System.nanoTime();
        for (int i = 0; i < WARM_UP_PREDICTIONS || System.nanoTime() - start < WARM_UP_NANOS; i++) {
            line.show("warming up");
            predictions.tryOut(command.benchmark(), image, lotus(), options);
        }
    }

    private Lotus lotus() {
        if (lotus == null) {
            lotus = Objects.requireNonNull(builder).build();
        }
        return lotus;
    }

    /** Nothing is under way any more. */
    void end() {
        line.clear();
    }

    @Override
    public void close() {
        if (lotus != null) {
            lotus.close();
        }
    }
}
