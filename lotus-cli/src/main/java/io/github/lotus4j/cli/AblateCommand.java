package io.github.lotus4j.cli;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.cli.eval.Ablation;
import io.github.lotus4j.cli.eval.DataSource;
import io.github.lotus4j.cli.eval.Evaluation;
import io.github.lotus4j.cli.eval.Predictions;
import io.github.lotus4j.cli.eval.Sample;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "ablate",
        header = "Which settings are worth their time, on a benchmark.",
        description = {
            "Judges a benchmark's images with the options as given, and once more with each of these changed: the resolution, the"
                    + " latent (drawn instead of its mean), exact or fast, the backend and its precision, the size of the ensemble. Writes"
                    + " DIR/BENCHMARK/ablation.md, a table of accuracy and of the median time of a prediction (after some that are not kept), and"
                    + " ablation.svg, a plot of one against the other. What an earlier call has predicted is not predicted again.",
            EvaluationCommand.DATA_SETS
        })
final class AblateCommand extends EvaluationCommand {
    @Option(
            names = "--resolutions",
            split = ",",
            paramLabel = "N",
            defaultValue = "256,384,512,768",
            description =
                    "The longer edge that images are brought to, in pixels; 0 keeps their size (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private List<Integer> resolutions;

    @Option(names = "--ensembles", split = ",", paramLabel = "N", description = "Sizes of ensembles, of Lotus-G.")
    private List<Integer> ensembles = new ArrayList<>();

    @Option(
            names = "--other-backend",
            paramLabel = "NAME",
            description = "Another backend or precision, such as cuda,bf16; may be repeated.")
    private List<String> otherBackends = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "lotus-ablate",
            description = "Where results go, created if needed (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private String output;

    /** @param name of its folder, and in the table */
    private record Setting(
            String name,
            PredictionOptions options,
            String backend,
            boolean exact,
            LotusBuilder builder,
            DepthKind kind) {}

    @Override
    public Integer call() {
        List<Setting> settings = settings(options());
        Path folder = folder("--output", output).resolve(benchmark().id());
        PrintWriter out = spec().commandLine().getOut();
        Ablation ablation = new Ablation(benchmark());
        try (DataSource source = openData()) {
            List<Sample> samples = samples(source);
            for (Setting each : settings) {
                ablation.add(judged(each, source, samples, folder.resolve(each.name)));
            }
        }
        out.println(ablation.table());
        ablation.write(folder).forEach(out::println);
        return ablation.complete() ? 0 : FAILED;
    }

    /** What is given, and then one thing changed at a time. */
    private List<Setting> settings(PredictionOptions given) {
        String backend = compute().backend();
        boolean exact = compute().exact();
        List<Setting> settings = new ArrayList<>();
        try {
            settings.add(setting("as-given", given, backend, exact));
            for (int each : resolutions) {
                settings.add(setting("resolution-" + each, given.withProcessingResolution(each), backend, exact));
            }
            if (given.latentSampleSeed().isEmpty()) { // else that is as given
                settings.add(setting("latent-drawn", given.withLatentSampleSeed(given.seed()), backend, exact));
            }
            for (int each : ensembles) {
                settings.add(setting("ensemble-" + each, given.withEnsemble(each), backend, exact));
            }
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
        settings.add(setting(exact ? "fast" : "exact", given, backend, !exact));
        for (String each : otherBackends) {
            settings.add(setting("backend-" + each.replaceAll("[^a-z0-9]+", "-"), given, each, exact));
        }
        return settings;
    }

    private Setting setting(String name, PredictionOptions options, String backend, boolean exact) {
        LotusBuilder builder = compute().builder(this, backend, exact);
        return new Setting(name, options, backend, exact, builder, choose(builder));
    }

    private Ablation.Row judged(Setting setting, DataSource source, List<Sample> samples, Path folder) {
        String made = String.join(
                "; ",
                new Version().getVersion()[0],
                setting.builder.fingerprint(),
                setting.backend,
                setting.exact ? "exact" : "fast",
                compute().threads().map(String::valueOf).orElse("all") + " threads",
                described(setting.options));
        Predictions own = Predictions.own(folder.resolve("predictions"), made);
        try (Evaluator evaluator =
                Evaluator.predicting(this, source, samples.size(), setting.builder, setting.options, own)) {
            evaluator.warmUp(samples, firstImage(source, samples));
            Evaluation.Result result = new Evaluation(benchmark(), setting.kind, source, own).over(samples, evaluator);
            evaluator.end();
            return Ablation.Row.of(setting.name, result, own.medianSeconds(samples));
        } catch (LotusException e) { // the other settings may do better
            spec().commandLine().getErr().println("lotus: " + setting.name + ": " + e.getMessage());
            return Ablation.Row.failed(setting.name, samples.size());
        }
    }

    /** The first that can be read; the others are told of when they are judged. */
    private RgbImage firstImage(DataSource source, List<Sample> samples) {
        LotusException reason = new LotusException("there is no image");
        for (Sample each : samples) {
            try {
                return benchmark().image(source, each);
            } catch (LotusException e) {
                reason = e;
            }
        }
        throw reason;
    }

    /** All that results depend on. */
    private static String described(PredictionOptions options) {
        return "%s %s %d %d %d %s %s"
                .formatted(
                        options.processingResolution(),
                        options.resampling(),
                        options.seed(),
                        options.steps(),
                        options.ensemble(),
                        options.latentSampleSeed(),
                        options.vaeTile());
    }
}
