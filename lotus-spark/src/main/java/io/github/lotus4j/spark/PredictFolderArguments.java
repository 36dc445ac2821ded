package io.github.lotus4j.spark;

import io.github.lotus4j.error.LotusException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@link PredictFolder}.
 *
 * @param inputs folders, files and patterns; empty with a list
 * @param list a text file of a path a line; null without
 * @param retryFailed whether images that failed are done again
 * @param imagesPerTask that a task predicts, about, and a file of the output holds
 * @param imagesPerCommit after which results are there for good; 0 for what suits the number of cores
 */
record PredictFolderArguments(
        LotusSpark lotus,
        List<String> inputs,
        @Nullable String list,
        String output,
        boolean recursive,
        boolean retryFailed,
        int imagesPerTask,
        int imagesPerCommit) {

    private static final String PATTERN = "*?[]{}\\";

    static final String USAGE = """
            PredictFolder --output DIR [OPTION…] INPUT…
            PredictFolder --output DIR [OPTION…] --list FILE

              INPUT…                 folders, files, or patterns such as 'hdfs:///photos/2024-*/*.jpg'
              --list FILE            a text file with a path a line instead, which may be of any length
              --output DIR           Parquet files go there, in folders chunk=…; what is there is passed over
              --recursive            takes the folders' folders, too
              --depth WEIGHTS        predicts depth with a path, spark:NAME, a name in the hub's cache, or nano
              --normal WEIGHTS       predicts normals; one of the two, or both
              --encoding png|floats  what maps are written as (png)
              --processing-res N     pixels of the longer edge while it is processed (the checkpoint's own; 0: the image's)
              --processed-size       results have the size that images are processed at, not the image's
              --seed N               of a Lotus-G checkpoint (0), the same for every image
              --steps N, --ensemble N, --vae-tile N, --exact, --backend NAME, --packed-weights-cache DIR
                                     as of the command lotus depth
              --max-pixels N         larger images fail (50000000)
              --images-per-task N    about, and per file of the output (32)
              --images-per-commit N  about, and per chunk, two of which are under way, and lost if the run is killed
                                     (1000, or, if that is more, four tasks for each that runs at once)
              --retry-failed         predicts images again that failed
            """;

    private static final class Building {
        final LotusSparkBuilder lotus = LotusSpark.builder().encoding(MapEncoding.PNG);
        final List<String> inputs = new ArrayList<>();

        @Nullable
        String list;

        @Nullable
        String output;

        boolean recursive;
        boolean retryFailed;
        int imagesPerTask = 32;
        int imagesPerCommit;
    }

    /** @throws LotusException if it is wrong; the message says how */
    static PredictFolderArguments parse(List<String> arguments) {
        Building building = new Building();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (!argument.startsWith("--")) {
                building.inputs.add(argument);
            } else if (!flag(building, argument)) {
                if (!rest.hasNext()) {
                    throw wrong(argument + ": found nothing after it, expected a value");
                }
                option(building, argument, rest.next());
            }
        }
        String output = building.output;
        if (output == null) {
            throw wrong("--output is missing");
        }
        if (output.chars()
                .anyMatch(each -> PATTERN.indexOf(each) >= 0)) { // Spark would read another folder than it wrote
            throw wrong("--output: found " + output + ", expected a folder without any of " + PATTERN);
        }
        if (building.inputs.isEmpty() == (building.list == null)) {
            throw wrong(
                    building.list == null ? "no input was named" : "both inputs and --list were named, expected one");
        }
        return new PredictFolderArguments(
                building.lotus.input("path").build(),
                List.copyOf(building.inputs),
                building.list,
                output,
                building.recursive,
                building.retryFailed,
                building.imagesPerTask,
                building.imagesPerCommit);
    }

    private static boolean flag(Building building, String argument) {
        switch (argument) {
            case "--recursive" -> building.recursive = true;
            case "--retry-failed" -> building.retryFailed = true;
            case "--processed-size" -> building.lotus.matchInput(false);
            case "--exact" -> building.lotus.exact(true);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void option(Building building, String name, String value) {
        switch (name) {
            case "--list" -> building.list = value;
            case "--output" -> building.output = value;
            case "--depth" -> building.lotus.depth(value);
            case "--normal" -> building.lotus.normal(value);
            case "--backend" -> building.lotus.backend(value);
            case "--packed-weights-cache" -> building.lotus.packedWeightsCache(value);
            case "--encoding" -> building.lotus.encoding(encoding(value));
            case "--processing-res" -> building.lotus.processingResolution((int) number(name, value, 0));
            case "--seed" -> building.lotus.seed(number(name, value, Long.MIN_VALUE));
            case "--steps" -> building.lotus.steps((int) number(name, value, 1));
            case "--ensemble" -> building.lotus.ensemble((int) number(name, value, 1));
            case "--vae-tile" -> building.lotus.vaeTile((int) number(name, value, 1));
            case "--max-pixels" -> building.lotus.maxPixels(number(name, value, 1));
            case "--images-per-task" -> building.imagesPerTask = (int) number(name, value, 1);
            case "--images-per-commit" -> building.imagesPerCommit = (int) number(name, value, 1);
            default -> throw wrong(name + " is no option");
        }
    }

    private static MapEncoding encoding(String value) {
        for (MapEncoding each : MapEncoding.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                return each;
            }
        }
        throw wrong("--encoding: found " + value + ", expected png or floats");
    }

    /** All but seeds are counts, which fit into an int. */
    private static long number(String name, String value, long least) {
        long most = least == Long.MIN_VALUE ? Long.MAX_VALUE : Integer.MAX_VALUE;
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw wrong("%s: found %s, expected a number from %d to %d".formatted(name, value, least, most));
    }

    private static LotusException wrong(String what) {
        return new LotusException(what + "; --help lists all options");
    }
}
