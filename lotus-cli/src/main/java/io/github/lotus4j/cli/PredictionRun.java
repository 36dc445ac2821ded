package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.output.PredictionWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One call of a command: passes over what is done already, predicts the rest, and says at the end what failed.
 *
 * @param output where the writer writes to
 * @param builder of what predicts
 */
record PredictionRun(
        Prediction command,
        CommandSpec spec,
        PredictionOptions options,
        PredictionWriter writer,
        Path output,
        LotusBuilder builder) {
    /** Of the embedded miniature. */
    static final String NANO =
            "this is the embedded miniature, made for trying things out; real checkpoints give far better results "
                    + "(lotus models, lotus fetch NAME, --model NAME)";

    /** @return how many images failed */
    int over(List<Source> images, boolean resume) {
        boolean several = images.size() > 1;
        // kept without --resume, too: who needs it knows only later
        Optional<Journal> journal = several || resume ? Optional.of(journal()) : Optional.empty();
        List<Source> left = resume ? unfinished(images, journal.orElseThrow()) : images;
        if (left.isEmpty()) {
            return 0;
        }
        Leftovers.delete(output, left);
        if (command.usesNano()) {
            command.warn(NANO);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        int failures;
        try (Lotus lotus = builder.build()) {
            Pace pace = new Pace(OptionalLong.of(left.size()), Pace.Unit.IMAGE, System::nanoTime);
            BatchReport report = new BatchReport(out, err, ProgressLine.onTerminal(err), pace, several);
            new Batch(new ImageWork(command, lotus, options, writer, report), journal, report).run(left);
            failures = report.failures();
        }
        if (failures > 0 && several) {
            err.println("lotus: " + failures + " of " + images.size()
                    + " images failed; the same command with --resume tries them again, and only them");
        }
        return failures;
    }

    private Journal journal() {
        return new Journal(output, spec.name(), ResultSettings.digest(spec, builder.fingerprint()));
    }

    private List<Source> unfinished(List<Source> images, Journal journal) {
        List<Source> left = journal.unfinished(images);
        if (left.size() < images.size()) {
            command.warn((images.size() - left.size()) + " of " + images.size() + " images are done already");
        }
        return left;
    }
}
