package io.github.lotus4j.cli;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.cli.eval.DataSource;
import io.github.lotus4j.cli.eval.Evaluation;
import io.github.lotus4j.cli.eval.EvaluationReport;
import io.github.lotus4j.cli.eval.Predictions;
import io.github.lotus4j.cli.eval.Sample;
import io.github.lotus4j.cli.eval.WorstPictures;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "eval",
        header = "Accuracy on a benchmark, beside the paper's.",
        description = {
            "Predicts a benchmark's images, compares with what is known of them as the paper's evaluation does, and writes"
                    + " into DIR/BENCHMARK samples.csv (a line for each image), summary.json, summary.md, worst/ (the image, what is true,"
                    + " what was predicted, how far they are apart) and predictions/. What is there of an earlier call with the same"
                    + " options is not predicted again.",
            EvaluationCommand.DATA_SETS
        })
final class EvalCommand extends EvaluationCommand {
    @Option(
            names = "--predictions",
            paramLabel = "DIR",
            description =
                    "Judge predictions that lie there, whatever made them, and predict nothing: NAME_depth.npy or NAME_normal.npy"
                            + " in folders as the images are in the data set, or as Marigold's evaluation (pred_NAME.npy) and Lotus's"
                            + " (SCENE_NAME_norm.png) call them. --kind says what depth is.")
    private @Nullable Path predictions;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "lotus-eval",
            description = "Where results go, created if needed (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String output;

    @Option(
            names = "--worst",
            paramLabel = "N",
            defaultValue = "4",
            description = "Pictures of the N images that came out worst (default: ${DEFAULT-VALUE}).")
    private int worst;

    @Override
    public Integer call() {
        PredictionOptions options = options();
        if (worst < 0) {
            throw usage("--worst: found " + worst + ", expected 0 or more");
        }
        Path folder = folder("--output", output).resolve(benchmark().id());
        LotusBuilder builder = compute().builder(this);
        DepthKind kind = judged(builder);
        try (DataSource source = openData()) {
            List<Sample> samples = samples(source);
            if (predictions == null) {
                return judgeOwn(source, samples, kind, options, builder, folder);
            }
            if (!Files.isDirectory(predictions)) {
                throw usage("--predictions: " + predictions + " is no folder");
            }
            Evaluator evaluator = Evaluator.ofPredictions(this, source, samples.size());
            return judge(evaluator, source, samples, kind, Predictions.of(predictions), folder, made());
        }
    }

    /** @return what is judged, of depth */
    private DepthKind judged(LotusBuilder builder) {
        if (predictions == null) {
            return choose(builder);
        }
        if (statedKind().isEmpty() && !benchmark().normals()) {
            throw usage("--predictions: say what they are, too, with --kind depth or --kind disparity");
        }
        return statedKind().orElse(DepthKind.AFFINE_DEPTH);
    }

    private int judgeOwn(
            DataSource source,
            List<Sample> samples,
            DepthKind kind,
            PredictionOptions options,
            LotusBuilder builder,
            Path folder) {
        String checkpoint = builder.fingerprint();
        Predictions own = Predictions.own(folder.resolve("predictions"), ResultSettings.digest(spec(), checkpoint));
        Map<String, String> made = made();
        made.put("checkpoint", model() + ", " + checkpoint);
        if (benchmark().framed()) {
            made.put("frame", "black, to sides of whole multiples of 32 pixels");
        }
        try (Evaluator evaluator = Evaluator.predicting(this, source, samples.size(), builder, options, own)) {
            evaluator.prepare(samples);
            return judge(evaluator, source, samples, kind, own, folder, made);
        }
    }

    private int judge(
            Evaluator evaluator,
            DataSource source,
            List<Sample> samples,
            DepthKind kind,
            Predictions judged,
            Path folder,
            Map<String, String> made) {
        Evaluation.Result result = new Evaluation(benchmark(), kind, source, judged).over(samples, evaluator);
        evaluator.end();
        if (result.failed() == samples.size()) {
            throw new LotusException("no image could be judged; nothing was written");
        }
        PrintWriter out = spec().commandLine().getOut();
        EvaluationReport report = new EvaluationReport(result, made);
        out.println(report.table());
        report.write(folder).forEach(out::println);
        new WorstPictures(result, source, judged)
                .write(folder.resolve("worst"), worst)
                .forEach(out::println);
        return result.failed() > 0 ? FAILED : 0;
    }

    private Map<String, String> made() {
        Map<String, String> made = new LinkedHashMap<>();
        made.put("version", new Version().getVersion()[0]);
        made.put(
                "command",
                String.join(" ", spec().commandLine().getParseResult().originalArgs()));
        return made;
    }
}
