package io.github.lotus4j.cli;

import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.cli.plan.Calibration.Sizes;
import io.github.lotus4j.cli.plan.Speed;
import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How fast predictions are: measured here, or said. */
final class SpeedOptions {
    private static final double GIGA = 1e9;
    private static final int MOST_ROUNDS = 100;
    private static final int SMALL = 256;

    @Option(
            names = "--measure",
            split = ",",
            paramLabel = "N",
            description = "Measure predictions at these processing resolutions, two at least, of an image of this size"
                    + " (default: 256 and the checkpoint's own; its own and 512 where that is 256 or less).")
    private @Nullable List<Integer> measured;

    @Option(
            names = "--check",
            split = ",",
            paramLabel = "N",
            description = "Measure at these, too, and say how far off the formula is that the others give.")
    private @Nullable List<Integer> checked;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measure each so often, in turn, after what is not counted, and take the median (default:"
                    + " ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--throughput",
            paramLabel = "G",
            description =
                    "Measure nothing: take this many billions of multiply-adds a second, as a run on the machine in"
                            + " question has told them.")
    private @Nullable Double throughput;

    @Option(
            names = "--overhead",
            paramLabel = "S",
            description = "With --throughput, this many seconds a pass (default: 0).")
    private @Nullable Double overhead;

    /** @throws picocli.CommandLine.ParameterException if options do not go together, or one is out of its range */
    void check(CheckpointCommand command) {
        if (throughput == null && overhead != null) {
            throw command.usage("--overhead goes with --throughput; found only the former");
        }
        if (throughput != null && (measured != null || checked != null)) {
            throw command.usage(
                    "found --throughput beside --measure or --check, expected a speed that is given or measured");
        }
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw command.usage("--rounds: found " + rounds + ", expected 1 to " + MOST_ROUNDS);
        }
        if (measured != null && measured.stream().distinct().count() < 2) {
            throw command.usage(
                    "--measure: found " + measured + ", expected two processing resolutions at least, as 256,768");
        }
        try {
            Stream.of(measured, checked)
                    .filter(Objects::nonNull)
                    .flatMap(List::stream)
                    .forEach(PredictionOptions.DEFAULT::withProcessingResolution);
            given();
        } catch (LotusException e) {
            throw command.usage(e.getMessage());
        }
    }

    /** As said, if it was. */
    Optional<Speed> given() {
        return throughput == null
                ? Optional.empty()
                : Optional.of(new Speed(overhead == null ? 0 : overhead, GIGA * throughput));
    }

    /** What is to be measured. */
    Sizes sizes(int ownResolution) {
        List<Integer> usual = ownResolution > SMALL ? List.of(SMALL, ownResolution) : List.of(ownResolution, 2 * SMALL);
        return new Sizes(
                measured == null ? usual : measured.stream().distinct().toList(),
                checked == null ? List.of() : checked.stream().distinct().toList(),
                rounds);
    }
}
