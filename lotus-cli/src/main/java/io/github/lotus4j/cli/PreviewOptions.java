package io.github.lotus4j.cli;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.ColourMap;
import io.github.lotus4j.output.PredictionWriter;
import io.github.lotus4j.output.ValueRange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How previews are coloured. */
final class PreviewOptions {
    @Option(
            names = "--colormap",
            paramLabel = "NAME",
            defaultValue = "spectral",
            description =
                    "Colours of previews and pages: spectral (near is red), turbo (red), viridis (yellow) or grey (white)"
                            + " (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private ColourMap colours;

    @Option(
            names = "--range",
            paramLabel = "MIN,MAX",
            description =
                    "The values of depth that a preview's colours are stretched over, the same for all images (default: each"
                            + " image's smallest and largest; of a video 0,1).")
    private @Nullable String range;

    /** @throws picocli.CommandLine.ParameterException if there is no such range, or the command writes no depth */
    PredictionWriter apply(Prediction command, PredictionWriter writer) {
        PredictionWriter coloured = writer.withColours(colours);
        return range(command, command.writesDepth()).map(coloured::withRange).orElse(coloured);
    }

    ColourMap colours() {
        return colours;
    }

    /**
     * The range that was given, if any.
     *
     * @throws picocli.CommandLine.ParameterException if there is no such range, or no depth is written
     */
    Optional<ValueRange> range(CheckpointCommand command, boolean writesDepth) {
        if (range == null) {
            return Optional.empty();
        }
        if (!writesDepth) {
            throw command.usage("--range: found " + range + ", but this command writes no depth");
        }
        try {
            return Optional.of(parse(range));
        } catch (NumberFormatException e) {
            throw command.usage("--range: found " + range + ", expected two numbers, MIN,MAX");
        } catch (LotusException e) {
            throw command.usage("--" + e.getMessage());
        }
    }

    private static ValueRange parse(String text) {
        String[] ends = text.split(",", -1);
        if (ends.length != 2) {
            throw new NumberFormatException(text);
        }
        return new ValueRange(Float.parseFloat(ends[0]), Float.parseFloat(ends[1]));
    }
}
