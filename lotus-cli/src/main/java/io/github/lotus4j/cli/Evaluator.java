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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Predicts what an evaluation lacks, with a model that is loaded when the first prediction is asked for, and tells how it goes. */
final class Evaluator implements Evaluation.Work, AutoCloseable {
    private final EvaluationCommand command;
    private final DataSource data;
    private final @Nullable LotusBuilder builder;
    private final PredictionOptions options;
    private final @Nullable Predictions predictions;
    private final PrintWriter err;
    private final ProgressLine line;
    private final Pace pace;
    private final List<Double> seconds = new ArrayList<>();
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
        if (builder == null || predictions == null) {
            return;
        }
        if (lotus == null) {
            lotus = builder.build();
        }
        long start = System.nanoTime();
        predictions.add(command.benchmark(), sample, image, lotus, options);
        seconds.add((System.nanoTime() - start) / 1e9);
    }

    /** Nothing is under way any more. */
    void end() {
        line.clear();
    }

    /** The median of what predictions took, in seconds, without the first, in which Java warms up; NaN where there was none. */
    double medianSeconds() {
        List<Double> sorted = seconds.stream().skip(1).sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    @Override
    public void close() {
        if (lotus != null) {
            lotus.close();
        }
    }
}
