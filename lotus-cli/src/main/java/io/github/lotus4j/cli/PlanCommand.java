package io.github.lotus4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.CheckpointName;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.cli.plan.Calibration;
import io.github.lotus4j.cli.plan.ImageSize;
import io.github.lotus4j.cli.plan.PlanReport;
import io.github.lotus4j.cli.plan.PlannedSetting;
import io.github.lotus4j.cli.plan.Predicted;
import io.github.lotus4j.cli.plan.Setting;
import io.github.lotus4j.cli.plan.Workload;
import io.github.lotus4j.error.LotusException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "plan",
        header = "How many hours, how much memory and money many images take, in each setting.",
        description = {
            "Measures a few predictions here, or takes a speed that was measured elsewhere, and tells of each setting what all"
                    + " images take. The formula: seconds = passes · overhead + multiply-adds / throughput; an ensemble has a pass a member,"
                    + " geometry one a map, and multiply-adds are counted by walking through the checkpoint's models.",
            "",
            "Memory is that of a process: weights, a prediction, 250 MB for Java, and 73 bytes a pixel for the next image and"
                    + " the last results, which are under way at the same time. Java lets garbage grow beyond that, unless -Xmx limits its heap, which needs all but the weights and the 250 MB. On a GPU, weights and most of a prediction are in its memory."
        },
        footer = {
            "",
            "Ten million photographs, on 20 machines like this one, at 1.50 an hour each:",
            "  lotus plan --images 10000000 --size 1080x1920 --model NAME --machines 20 --price 1.50",
            "To plan for other machines, run it on one of them, and elsewhere with the --throughput and --overhead that it told."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:the checkpoint or a prediction failed", "2:the command line is wrong"})
final class PlanCommand extends CheckpointCommand {
    private static final String NANO =
            "this is the embedded miniature: real checkpoints take about a hundred times as long, and gigabytes (lotus models,"
                    + " lotus fetch NAME, --model NAME)";

    private static final long MOST_IMAGES = 1_000_000_000_000L;
    private static final int MOST_MACHINES = 1_000_000;
    private static final double MOST_PRICE = 1e9;

    /** The side of an image that every resolution of a checkpoint's own is a multiple of, or near it. */
    private static final int SIDE = 64;

    @Option(names = "--images", paramLabel = "N", required = true, description = "How many there are.")
    private long images;

    @Option(
            names = "--size",
            paramLabel = "HxW",
            required = true,
            description = "Their size in pixels, height x width: 1080x1920 for full HD, lying on its side.")
    @SuppressWarnings("NullAway.Init")
    private String size;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOption model;

    @Option(
            names = "--normal-model",
            paramLabel = "NAME|DIR",
            description = "With --model, which then predicts depth, a checkpoint that predicts normals.")
    private @Nullable String normalModel;

    @Option(
            names = "--predict",
            split = ",",
            paramLabel = "depth|normal|geometry",
            description =
                    "What is predicted; geometry is both, from one encoding (default: what --model predicts by its name,"
                            + " and geometry where there is a --normal-model).")
    private @Nullable List<Predicted> predicted;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private SettingOptions settings;

    @Option(
            names = "--machines",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many, all alike, share the images (default: ${DEFAULT-VALUE}).")
    private int machines;

    @Option(
            names = "--price",
            paramLabel = "P",
            description = "Of a machine and hour, in any currency (default: no cost is told).")
    private @Nullable Double price;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private SpeedOptions speed;

    @Option(names = "--json", description = "Print JSON, with all digits, for programs.")
    private boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ComputeOptions compute;

    @Override
    public Integer call() throws JsonProcessingException {
        Workload workload = workload();
        settings.check(this);
        speed.check(this);
        List<Predicted> kinds = kinds();
        List<PlannedSetting> planned = new ArrayList<>();
        Optional<Calibration> calibration = speed.given().map(Calibration::given);
        String backend = "";
        for (Predicted each : kinds.reversed()) { // measured last, when all else is known to fit
            try (Lotus lotus = load(each)) {
                int own = lotus.plan(SIDE, SIDE, PredictionOptions.DEFAULT).processingWidth();
                planned.addAll(0, planned(lotus, settings.of(each, own), workload.image()));
                backend = lotus.backend();
                if (calibration.isEmpty() && each == kinds.getFirst()) {
                    calibration = Optional.of(measure(lotus, each, workload.image(), own));
                }
            }
        }
        tell(new PlanReport(workload, backend, calibration.orElseThrow(), planned));
        return 0;
    }

    private Workload workload() {
        requireWithin("--images", images, MOST_IMAGES);
        requireWithin("--machines", machines, MOST_MACHINES);
        if (price != null && !(price >= 0 && price <= MOST_PRICE)) {
            throw usage("--price: found " + price + ", expected a number from 0 to 1000000000");
        }
        try {
            OptionalDouble paid = price == null ? OptionalDouble.empty() : OptionalDouble.of(price);
            return new Workload(ImageSize.of(size), images, machines, paid);
        } catch (LotusException e) {
            throw usage("--size: " + e.getMessage());
        }
    }

    private void requireWithin(String option, long found, long most) {
        if (found < 1 || found > most) {
            throw usage(option + ": found " + found + ", expected 1 to " + most);
        }
    }

    private List<Predicted> kinds() {
        if (model.isNano() && normalModel != null) {
            throw usage("--normal-model goes with --model, a checkpoint that predicts depth; found only the former");
        }
        if (predicted == null) {
            boolean normal =
                    !model.isNano() && CheckpointName.of(model.folder(this)).normal();
            Predicted one = normal ? Predicted.NORMAL : Predicted.DEPTH;
            return normalModel == null ? List.of(one) : List.of(Predicted.DEPTH, Predicted.GEOMETRY);
        }
        if (predicted.contains(Predicted.GEOMETRY) && !model.isNano() && normalModel == null) {
            throw usage("--predict: found geometry without a --normal-model, expected one beside --model");
        }
        return predicted.stream().distinct().toList();
    }

    private Lotus load(Predicted what) {
        LotusBuilder builder = compute.builder(this);
        if (model.isNano()) {
            return switch (what) {
                case DEPTH -> builder.nanoDepth().build();
                case NORMAL -> builder.nanoNormal().build();
                case GEOMETRY -> builder.nano().build();
            };
        }
        Path first = model.folder(this);
        Path second = normalModel == null ? first : checkpoint("--normal-model", normalModel);
        return switch (what) {
            case DEPTH -> builder.depth(first).build();
            case NORMAL -> builder.normal(second).build();
            case GEOMETRY -> builder.depth(first).normal(second).build();
        };
    }

    /** Those that do not go with the checkpoint or the images are left out, which is said. */
    private List<PlannedSetting> planned(Lotus lotus, List<Setting> wanted, ImageSize image) {
        List<PlannedSetting> planned = new ArrayList<>();
        for (Setting each : wanted) {
            try {
                PlannedSetting one = PlannedSetting.of(lotus, each, image, ImageWork.bytesBeside(image.pixels()));
                if (planned.stream().noneMatch(one::sameAs)) {
                    planned.add(one);
                }
            } catch (LotusException e) {
                warn(each + " is left out: " + e.getMessage());
            }
        }
        if (planned.isEmpty()) {
            throw new LotusException("found no setting that goes with the checkpoint and images of " + image
                    + " pixels, expected one at least; the notes above say why");
        }
        planned.removeIf(each -> settings.withoutTiles() && each.fitsOneTile());
        return planned;
    }

    private Calibration measure(Lotus lotus, Predicted what, ImageSize image, int ownResolution) {
        ProgressLine line = ProgressLine.onTerminal(spec().commandLine().getErr());
        try {
            return Calibration.measure(lotus, what, image, speed.sizes(ownResolution), line::show, System::nanoTime);
        } finally {
            line.clear();
        }
    }

    private void tell(PlanReport report) throws JsonProcessingException {
        if (model.isNano()) {
            warn(NANO);
        }
        PrintWriter out = spec().commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report.json()));
        } else {
            report.print(out);
        }
    }
}
