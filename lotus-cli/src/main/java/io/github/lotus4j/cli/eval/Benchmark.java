package io.github.lotus4j.cli.eval;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What predictions can be judged by: the benchmarks of the paper, with its figures, and images of one's own. Names, ranges, crops and
 * resolutions are those of Lotus's evaluation, which follows Marigold's for depth and DSINE's for normals.
 */
@SuppressWarnings("ImmutableEnumChecker") // layouts have no state; nothing of ErrorProne is on the class path to say so
public enum Benchmark {
    NYUV2(
            "nyuv2",
            "NYUv2",
            "nyu/labeled/filename_list_test.txt",
            new DepthLayout(
                    DepthFormat.MILLIMETRES,
                    2,
                    1e-3,
                    10,
                    DepthLayout.WHOLE,
                    DepthLayout.EIGEN_INDOOR,
                    Naming::afterMark),
            new Paper(5.4, 96.8, 5.1, 97.2)),
    KITTI(
            "kitti",
            "KITTI",
            "kitti/eigen_test_files_with_gt.txt",
            new DepthLayout(
                    DepthFormat.METRES_BY_256,
                    2,
                    1e-5,
                    80,
                    DepthLayout.KITTI_BENCHMARK,
                    DepthLayout.EIGEN_ROAD,
                    Naming::whole),
            new Paper(8.5, 92.2, 8.1, 93.1)),
    ETH3D(
            "eth3d",
            "ETH3D",
            "eth3d/eth3d_filename_list.txt",
            new DepthLayout(
                    DepthFormat.RAW_SINGLE,
                    2,
                    1e-5,
                    Double.POSITIVE_INFINITY,
                    DepthLayout.WHOLE,
                    DepthLayout.WHOLE,
                    Naming::whole),
            new Paper(5.9, 97.0, 6.1, 97.0)),
    SCANNET(
            "scannet",
            "ScanNet",
            "scannet/scannet_val_sampled_list_800_1.txt",
            new DepthLayout(DepthFormat.MILLIMETRES, 2, 1e-3, 10, DepthLayout.WHOLE, DepthLayout.WHOLE, Naming::whole),
            new Paper(5.9, 95.7, 5.5, 96.5)),
    DIODE(
            "diode",
            "DIODE",
            "diode/diode_val_all_filename_list.txt",
            new DepthLayout(
                    DepthFormat.NPY_WITH_MASK, 3, 0.6, 350, DepthLayout.WHOLE, DepthLayout.WHOLE, Naming::whole),
            new Paper(22.9, 72.9, 22.8, 73.8)),
    SCENES(
            "scenes",
            "own scenes",
            "",
            new DepthLayout(DepthFormat.MILLIMETRES, 2, 0, 65.535, DepthLayout.WHOLE, DepthLayout.WHOLE, Naming::whole),
            null),
    NYUV2_NORMAL(
            "nyuv2-normal",
            "NYUv2, normals",
            "nyuv2/split/test.txt",
            NormalLayout.PNG,
            new Paper(16.5, 59.4, 16.2, 59.8)),
    SCANNET_NORMAL(
            "scannet-normal",
            "ScanNet, normals",
            "scannet/split/test.txt",
            NormalLayout.PNG,
            new Paper(15.1, 63.9, 14.7, 64.0)),
    IBIMS_NORMAL(
            "ibims-normal",
            "iBims-1, normals",
            "ibims/split/ibims.txt",
            NormalLayout.EXR,
            new Paper(17.2, 66.2, 17.1, 66.4)),
    SINTEL_NORMAL(
            "sintel-normal",
            "Sintel, normals",
            "sintel/split/sintel.txt",
            NormalLayout.EXR,
            new Paper(33.6, 21.0, 32.3, 22.4)),
    OASIS_NORMAL(
            "oasis-normal",
            "OASIS, normals",
            "oasis/split/val.txt",
            NormalLayout.PICKLE,
            new Paper(22.7, 29.4, 22.3, 31.8)),
    SCENES_NORMAL("scenes-normal", "own scenes, normals", "", NormalLayout.OWN, null);

    /**
     * What the paper's table says. He et al. 2024.
     *
     * @param generative Lotus-G's row
     * @param deterministic Lotus-D's row
     */
    public record Paper(Scoring.Told generative, Scoring.Told deterministic) {
        Paper(double errorG, double shareG, double errorD, double shareD) {
            this(new Scoring.Told(errorG, shareG), new Scoring.Told(errorD, shareD));
        }
    }

    private static final Pattern PICTURE = Pattern.compile("\\.(png|jpe?g)$", Pattern.CASE_INSENSITIVE);

    private final String id;
    private final String title;
    private final String list;
    private final Layout layout;
    private final Optional<Paper> paper;

    Benchmark(String id, String title, String list, Layout layout, @Nullable Paper paper) {
        this.id = id;
        this.title = title;
        this.list = list;
        this.layout = layout;
        this.paper = Optional.ofNullable(paper);
    }

    /** @throws LotusException if there is none of that name */
    public static Benchmark of(String id) {
        return Stream.of(values())
                .filter(each -> each.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new LotusException("benchmark: found " + id + ", expected one of " + names()));
    }

    /** All, as they are typed. */
    public static String names() {
        return Stream.of(values()).map(Benchmark::id).collect(Collectors.joining(", "));
    }

    /** As it is typed. */
    public String id() {
        return id;
    }

    public String title() {
        return title;
    }

    /** Whether it judges normals; depth otherwise. */
    public boolean normals() {
        return layout instanceof NormalLayout;
    }

    /** Whether images come to the network framed, to sides of whole multiples of 32 pixels, as DSINE's do. */
    public boolean framed() {
        return normals() && this != SCENES_NORMAL;
    }

    /** What the paper says of it. */
    Optional<Paper> paper() {
        return paper;
    }

    Layout layout() {
        return layout;
    }

    /** The longer edge that images are brought to; 0 to keep their size, empty for the checkpoint's own. */
    public OptionalInt processingResolution() {
        return switch (this) {
            case ETH3D -> OptionalInt.of(768);
            case DIODE -> OptionalInt.of(640);
            case SCENES, SCENES_NORMAL -> OptionalInt.empty();
            default -> OptionalInt.of(0);
        };
    }

    Scoring scoring(DepthKind kind) {
        if (!(layout instanceof DepthLayout depth)) {
            return new NormalScoring();
        }
        return new DepthScoring(
                kind, depth.min(), depth.max(), this == ETH3D ? OptionalInt.of(1024) : OptionalInt.empty());
    }

    /** The image as predictions are made of it. */
    public RgbImage image(DataSource data, Sample sample) {
        return layout.image(data, sample.files());
    }

    /** What the list of its images is called where it is published; empty where there is none, and all images of the data set are meant. */
    public Optional<String> publishedList() {
        return Optional.of(list).filter(name -> !name.isEmpty());
    }

    /**
     * The images of its list.
     *
     * @throws LotusException if the list has none, or cannot be read
     */
    public List<Sample> listed(Path file) {
        return FileList.read(file, layout.columns());
    }

    /**
     * All images of which something is known.
     *
     * @throws LotusException if there is none
     */
    public List<Sample> found(DataSource data) {
        List<String> files = data.files();
        Set<String> all = new HashSet<>(files);
        List<Sample> images = files.stream()
                .filter(name -> PICTURE.matcher(name).find())
                .map(layout::together)
                .filter(all::containsAll)
                .map(together -> new Sample(together.subList(0, layout.columns())))
                .toList();
        if (images.isEmpty()) {
            throw new LotusException(
                    "the data set has no image of which something is known: found no pair of files like ("
                            + String.join(", ", layout.together("NAME.png")) + ")");
        }
        return images;
    }
}
