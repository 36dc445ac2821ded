package io.github.lotus4j.cli.eval;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.NewFile;
import io.github.lotus4j.output.PredictionWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Predictions that lie in a folder: NAME_depth.npy and NAME_normal.npy as the lotus command writes them, or under the names of
 * Marigold's and Lotus's evaluation; where there is no array, PNG files, of depth in 16 bits, of normals in colours.
 *
 * @param folder that holds them
 */
public record Predictions(Path folder) {
    private static final String SETTINGS = "settings.txt";

    /** How far the proportions of a prediction may be off; and by how many pixels, as sides that the VAE does not take as a whole are. */
    private static final double PROPORTIONS = 0.02;

    private static final double PIXELS = 7.5;

    /**
     * The prediction for an image, brought to the truth's size.
     *
     * @throws LotusException if it cannot be read, or has other proportions
     */
    Optional<Plane> find(Benchmark benchmark, Sample sample, Truth truth) {
        return file(benchmark, sample).map(file -> {
            Plane stored = read(file, benchmark.normals());
            requireProportions(file, stored, truth);
            return stored.resized(truth.width(), truth.height());
        });
    }

    /**
     * Predicts, at the resolution that the benchmark asks for where the options have none, and leaves the result here, as the network
     * made it.
     */
    public void add(Benchmark benchmark, Sample sample, RgbImage image, Lotus lotus, PredictionOptions options) {
        PredictionWriter writer = new PredictionWriter(folder, EnumSet.of(Format.NPY));
        PredictionOptions unresized = options.withMatchInput(false);
        if (options.processingResolution().isEmpty()
                && benchmark.processingResolution().isPresent()) {
            unresized = unresized.withProcessingResolution(
                    benchmark.processingResolution().getAsInt());
        }
        if (!benchmark.normals()) {
            writer.write(sample.name(), lotus.predictDepth(image, unresized));
        } else if (benchmark.framed()) {
            Framing framing = Framing.of(image.width(), image.height());
            writer.write(sample.name(), framing.undo(lotus.predictNormal(framing.around(image), unresized)));
        } else {
            writer.write(sample.name(), lotus.predictNormal(image, unresized));
        }
    }

    /**
     * Sees to it that all that lies here was made in one way.
     *
     * @param settings a word that is another one where anything differs
     * @throws LotusException if there is something else
     */
    public void requireMadeWith(String settings) {
        Path note = folder.resolve(SETTINGS);
        try {
            if (Files.exists(note)) {
                if (!Files.readString(note).strip().equals(settings)) {
                    throw new LotusException(
                            folder + " holds predictions of another checkpoint or with other options, expected"
                                    + " those of this command; choose another --output, or delete them");
                }
                return;
            }
            if (Files.isDirectory(folder) && !isEmpty(folder)) {
                throw new LotusException(
                        folder + " holds files of something else, expected predictions of this command;"
                                + " choose another --output");
            }
            NewFile.write(note, out -> out.write((settings + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new LotusException(note + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private Optional<Path> file(Benchmark benchmark, Sample sample) {
        String own = sample.name() + (benchmark.normals() ? "_normal" : "_depth");
        List<String> names = Stream.concat(Stream.of(own), benchmark.layout().predictions(sample.image()).stream())
                .toList();
        return Stream.of(".npy", ".png")
                .flatMap(suffix -> names.stream().map(name -> folder.resolve(name + suffix)))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Plane read(Path file, boolean normals) {
        int channels = normals ? 3 : 1;
        String name = file.toString();
        try {
            byte[] content = Files.readAllBytes(file);
            if (name.endsWith(".npy")) {
                return NpyArray.parse(name, content).plane(name, channels);
            }
            PngSamples samples = PngSamples.parse(name, content, channels);
            Plane plane = samples.dividedBy(normals ? samples.largest() / 2.0 : samples.largest());
            for (int i = 0; i < plane.values().length && normals; i++) {
                plane.values()[i] -= 1;
            }
            return plane;
        } catch (IOException e) {
            throw new LotusException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireProportions(Path file, Plane stored, Truth truth) {
        double found = (double) stored.width() / stored.height();
        double expected = (double) truth.width() / truth.height();
        double pixels = PIXELS / Math.min(stored.width(), stored.height());
        if (Math.abs(found / expected - 1) > Math.max(PROPORTIONS, pixels)) {
            throw new LotusException("%s: found %d×%d pixels, expected %d×%d, or the same proportions"
                    .formatted(file, stored.width(), stored.height(), truth.width(), truth.height()));
        }
    }
}
