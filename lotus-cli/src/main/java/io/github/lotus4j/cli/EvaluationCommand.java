package io.github.lotus4j.cli;

import io.github.lotus4j.CheckpointName;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.cli.eval.Benchmark;
import io.github.lotus4j.cli.eval.DataSource;
import io.github.lotus4j.cli.eval.Sample;
import io.github.lotus4j.error.LotusException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What eval and ablate have in common: a benchmark, its data, and what is judged by it. */
@Command(
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all images were judged", "1:an image or the checkpoint failed", "2:the command line is wrong"
        })
abstract class EvaluationCommand extends CheckpointCommand {
    static final String DATA_SETS =
            "Data sets are those that Marigold's evaluation (depth) and DSINE's (normals) publish: for depth a tar file or"
                    + " its folder, for normals DSINE's folder of the benchmark; the lists of files (--list) lie in Lotus's"
                    + " repository. scenes and scenes-normal are images of your own: NAME.png or .jpg and truth/NAME_depth.png (16"
                    + " bits, millimetres, 0 where unknown) or truth/NAME_normal.png (x to the left, y up, z toward the camera; black where"
                    + " unknown).";

    static final int FAILED = 1;

    @Parameters(
            index = "0",
            paramLabel = "BENCHMARK",
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init")
    private String benchmark;

    @Parameters(index = "1", paramLabel = "DATA", description = "The data set's folder, or tar file.")
    @SuppressWarnings("NullAway.Init")
    private Path data;

    @Option(
            names = "--list",
            paramLabel = "FILE",
            description =
                    "The benchmark's list of files, a line for each image (of one's own scenes, default: all images).")
    private @Nullable Path list;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N images.")
    private @Nullable Integer limit;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KindOption kind;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

    /** What the benchmark may be. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Benchmark.values()).map(Benchmark::id).iterator();
        }
    }

    /** @throws picocli.CommandLine.ParameterException if there is none of that name */
    Benchmark benchmark() {
        try {
            return Benchmark.of(benchmark);
        } catch (LotusException e) {
            throw usage(e.getMessage());
        }
    }

    /** How predictions are made. */
    PredictionOptions options() {
        PredictionOptions options = modelOptions.of(this);
        if (!options.matchInput()) {
            throw usage("--no-match-input: predictions are compared at the images' size");
        }
        return options;
    }

    /** What computes. */
    ComputeOptions compute() {
        return compute;
    }

    DataSource openData() {
        return DataSource.open(data);
    }

    List<Sample> samples(DataSource source) {
        if (limit != null && limit < 1) {
            throw usage("--limit: found " + limit + ", expected at least 1");
        }
        Benchmark judged = benchmark();
        if (list == null && judged.publishedList().isPresent()) {
            throw usage("--list is missing: %s is judged by the images of its list, %s in Lotus's repository"
                    .formatted(judged.title(), judged.publishedList().get()));
        }
        List<Sample> all = list == null ? judged.found(source) : judged.listed(list);
        return limit == null || limit >= all.size() ? all : all.subList(0, limit);
    }

    /** As it was typed. */
    String model() {
        return model.named();
    }

    /** What the user says of depth, if anything; of normals there is nothing to say. */
    Optional<DepthKind> statedKind() {
        if (benchmark().normals()) {
            kind.refuseForNormals(this);
        }
        return kind.stated();
    }

    /**
     * Names the checkpoint.
     *
     * @return what it predicts of depth; of no matter where it predicts normals
     */
    DepthKind choose(LotusBuilder builder) {
        boolean normals = benchmark().normals();
        Optional<DepthKind> stated = statedKind();
        if (model.isNano()) {
            kind.requireOfNano(this);
            warn(PredictionRun.NANO);
            if (normals) {
                builder.nanoNormal();
            } else {
                builder.nanoDepth();
            }
            return DepthKind.AFFINE_DISPARITY;
        }
        Path folder = model.folder(this);
        if (normals) {
            warnOfDepth(folder);
            builder.normal(folder);
        } else {
            kind.chooseDepth(builder, folder, this);
        }
        return stated.or(() -> CheckpointName.of(folder).depth()).orElse(DepthKind.AFFINE_DEPTH);
    }
}
