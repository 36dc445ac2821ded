package io.github.lotus4j.cli.eval;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Predictions that lie in a folder: NAME_depth.npy and NAME_normal.npy as the lotus command writes them, or under the names of
 * Marigold's and Lotus's evaluation; where there is no array, PNG files, of depth in 16 bits, of normals in colours.
 */
public final class Predictions {
    private static final String SETTINGS = "settings.txt";

    /** How far the proportions of a prediction may be off, in pixels of its shorter side: each side is a whole number. */
    private static final double PIXELS = 1.5;

    /** Of one's own: the VAE leaves out what is less than a pixel of its latent. */
    private static final double OWN_PIXELS = 8;

    private final Path folder;
    private final boolean own;

    private Predictions(Path folder, boolean own) {
        this.folder = folder;
        this.own = own;
    }

    /** Whatever made them. */
    public static Predictions of(Path folder) {
        return new Predictions(folder, false);
    }

    /**
     * Those that are made here; the folder need not exist.
     *
     * @param settings a line that is another one where anything differs that they depend on
     * @throws LotusException if those that lie there were made with others
     */
    public static Predictions own(Path folder, String settings) {
        Predictions predictions = new Predictions(folder, true);
        predictions.requireMadeWith(settings);
        return predictions;
    }

    public Path folder() {
        return folder;
    }

    /**
     * The prediction for an image, brought to the truth's size. One's own counts only if it was made of the same pixels.
     *
     * @throws LotusException if it cannot be read, or has other proportions
     */
    Optional<Plane> find(Benchmark benchmark, Sample sample, RgbImage image, Truth truth) {
        if (own && !madeOf(sample, image)) {
            return Optional.empty();
        }
        return file(benchmark, sample).map(file -> {
            Plane stored = withoutFrame(benchmark, read(file, benchmark.normals()), truth);
            requireProportions(file, stored, truth);
            return stored.resized(truth.width(), truth.height());
        });
    }

    /** What others have left with the frame that images of such benchmarks come to the network in. */
    private static Plane withoutFrame(Benchmark benchmark, Plane stored, Truth truth) {
        Framing framing = Framing.of(truth.width(), truth.height());
        boolean has = benchmark.framed() && stored.width() == framing.width() && stored.height() == framing.height();
        return has ? stored.cropped(framing.area()) : stored;
    }

    /** Whether a file for each of them is there. */
    public boolean complete(Benchmark benchmark, List<Sample> samples) {
        return samples.stream().allMatch(sample -> file(benchmark, sample).isPresent());
    }

    /** Where a prediction is looked for, the first first. */
    List<Path> expected(Benchmark benchmark, Sample sample) {
        String lotus = sample.name() + (benchmark.normals() ? "_normal" : "_depth");
        List<String> others = own ? List.of() : benchmark.layout().predictions(sample.image());
        List<String> names = Stream.concat(Stream.of(lotus), others.stream()).toList();
        return Stream.of(".npy", ".png")
                .flatMap(suffix -> names.stream().map(name -> folder.resolve(name + suffix)))
                .toList();
    }

    private Optional<Path> file(Benchmark benchmark, Sample sample) {
        return expected(benchmark, sample).stream().filter(Files::isRegularFile).findFirst();
    }

    private static Plane read(Path file, boolean normals) {
        int channels = normals ? 3 : 1;
        String name = file.toString();
        byte[] content = FolderSource.read(file);
        if (name.endsWith(".npy")) {
            return NpyArray.parse(name, content).plane(name, channels);
        }
        PngSamples samples = PngSamples.parse(name, content, channels);
        return normals ? samples.unitVectors() : samples.dividedBy(samples.largest());
    }

    private void requireProportions(Path file, Plane stored, Truth truth) {
        double found = (double) stored.width() / stored.height();
        double expected = (double) truth.width() / truth.height();
        double pixels = (own ? OWN_PIXELS : PIXELS) / Math.min(stored.width(), stored.height());
        if (Math.abs(found / expected - 1) > pixels) {
            throw new LotusException("%s: found %d×%d pixels, expected %d×%d, or the same proportions"
                    .formatted(file, stored.width(), stored.height(), truth.width(), truth.height()));
        }
    }

    /**
     * Predicts, at the resolution that the benchmark asks for where the options have none, and leaves the result here, as the network
     * made it.
     */
    public void add(Benchmark benchmark, Sample sample, RgbImage image, Lotus lotus, PredictionOptions options) {
        long start = System.nanoTime();
        predict(benchmark, image, lotus, options).writeTo(new PredictionWriter(folder, EnumSet.of(Format.NPY)), sample);
        note(sample, new Note(Digest.of(image), (System.nanoTime() - start) / 1e9));
    }

    /** As {@link #add}, but keeps nothing. */
    public void tryOut(Benchmark benchmark, RgbImage image, Lotus lotus, PredictionOptions options) {
        predict(benchmark, image, lotus, options);
    }

    /** What was predicted, to be written. */
    private interface Predicted {
        void writeTo(PredictionWriter writer, Sample sample);
    }

    private static Predicted predict(Benchmark benchmark, RgbImage image, Lotus lotus, PredictionOptions options) {
        PredictionOptions unresized = options.withMatchInput(false);
        if (options.processingResolution().isEmpty()
                && benchmark.processingResolution().isPresent()) {
            unresized = unresized.withProcessingResolution(
                    benchmark.processingResolution().getAsInt());
        }
        if (!benchmark.normals()) {
            DepthMap depth = lotus.predictDepth(image, unresized);
            return (writer, sample) -> writer.write(sample.name(), depth);
        }
        NormalMap normals;
        if (benchmark.framed()) {
            Framing framing = Framing.of(image.width(), image.height());
            normals = framing.undo(lotus.predictNormal(framing.around(image), unresized));
        } else {
            normals = lotus.predictNormal(image, unresized);
        }
        return (writer, sample) -> writer.write(sample.name(), normals);
    }

    /**
     * What is kept beside a prediction.
     *
     * @param pixels a digest of the image's
     * @param seconds that it took
     */
    private record Note(String pixels, double seconds) {}

    private Path noteOf(Sample sample) {
        return folder.resolve(sample.name() + "_made.txt");
    }

    private void note(Sample sample, Note note) {
        String text = note.pixels + " " + note.seconds + "\n";
        TextFile.write(noteOf(sample), text);
    }

    /** Empty where it is not there, or something else is. */
    private Optional<Note> note(Sample sample) {
        try {
            String[] words = Files.readString(noteOf(sample)).strip().split(" ", -1);
            return words.length == 2 ? Optional.of(new Note(words[0], Double.parseDouble(words[1]))) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private boolean madeOf(Sample sample, RgbImage image) {
        return note(sample).filter(each -> each.pixels.equals(Digest.of(image))).isPresent();
    }

    /** The median of what predictions took, with their writing, in seconds; empty where there is none. */
    public OptionalDouble medianSeconds(List<Sample> samples) {
        double[] seconds = samples.stream()
                .flatMap(sample -> note(sample).stream())
                .mapToDouble(Note::seconds)
                .sorted()
                .toArray();
        int n = seconds.length;
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((seconds[(n - 1) / 2] + seconds[n / 2]) / 2);
    }

    private void requireMadeWith(String settings) {
        Path note = folder.resolve(SETTINGS);
        try {
            if (Files.exists(note)) {
                if (!Files.readString(note).strip().equals(settings)) {
                    throw new LotusException(folder
                            + " holds predictions of another checkpoint or with other options, expected those of this command;"
                            + " choose another --output, or delete them");
                }
                return;
            }
            if (Files.isDirectory(folder) && !isEmpty(folder)) {
                throw new LotusException(
                        folder + " holds files of something else, expected predictions of this command;"
                                + " choose another --output");
            }
            TextFile.write(note, settings + "\n");
        } catch (IOException e) {
            throw new LotusException(note + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }
}
