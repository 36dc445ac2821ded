package io.github.lotus4j.cli;

import io.github.lotus4j.cli.plan.Predicted;
import io.github.lotus4j.cli.plan.Setting;
import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings that are planned: each of one list with each of the others. */
final class SettingOptions {
    private static final int SMALLER = 512;

    @Option(
            names = "--processing-res",
            split = ",",
            paramLabel = "N",
            description = "Longer edges that images are brought to, in pixels; 0 keeps their size (default: the"
                    + " checkpoint's own, 512 and 0).")
    private @Nullable List<Integer> resolutions;

    @Option(
            names = "--vae-tile",
            split = ",",
            paramLabel = "N",
            defaultValue = "0,512",
            description =
                    "Tiles of the VAE, as of depth; 0 for none (default: ${DEFAULT-VALUE}, where tiles are smaller than"
                            + " what is processed).")
    @SuppressWarnings("NullAway.Init")
    private List<Integer> tiles;

    @Option(
            names = "--ensemble",
            split = ",",
            paramLabel = "N",
            defaultValue = "1",
            description = "Predictions of an image that are merged; more than one for Lotus-G only (default:"
                    + " ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private List<Integer> ensembles;

    /** @throws picocli.CommandLine.ParameterException if a value is out of its range */
    void check(CheckpointCommand command) {
        try {
            of(Predicted.DEPTH, SMALLER).forEach(Setting::options);
        } catch (LotusException e) {
            throw command.usage(e.getMessage());
        }
    }

    /** @param ownResolution of the checkpoint */
    List<Setting> of(Predicted predicted, int ownResolution) {
        List<Integer> edges = resolutions == null
                ? Stream.concat(Stream.of(SMALLER, ownResolution).sorted(), Stream.of(0))
                        .toList()
                : resolutions;
        List<Setting> settings = new ArrayList<>();
        for (int edge : edges) {
            for (int tile : tiles) {
                for (int ensemble : ensembles) {
                    settings.add(new Setting(predicted, edge, tile, ensemble));
                }
            }
        }
        return settings.stream().distinct().toList();
    }

    /** Whether those without tiles are among them. */
    boolean withoutTiles() {
        return tiles.contains(0);
    }
}
