package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.cli.eval.Evaluation.Score;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.NewFile;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** The images that came out worst, as pictures: the image, what is true, what was predicted, and how far they are apart (red is near). */
public final class WorstPictures {
    /** Pixels of the longer edge of each of the four, at most. */
    private static final int EDGE = 640;

    private final Evaluation.Result result;
    private final DataSource data;
    private final Predictions predictions;

    public WorstPictures(Evaluation.Result result, DataSource data, Predictions predictions) {
        this.result = result;
        this.data = data;
        this.predictions = predictions;
    }

    /** @return the files, the worst first */
    public List<Path> write(Path folder, int count) {
        deleteEarlier(folder);
        List<Path> files = new ArrayList<>();
        for (Score score : result.worst(count)) {
            String name = String.format(
                    Locale.ROOT,
                    "%02d-%s.png",
                    files.size() + 1,
                    score.sample().name().replace('/', '_'));
            BufferedImage picture = picture(score.sample());
            files.add(NewFile.write(folder.resolve(name), out -> ImageIO.write(picture, "png", out)));
        }
        return files;
    }

    /** Those of another run, of which there may have been more. */
    private static void deleteEarlier(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> earlier = Files.newDirectoryStream(folder, "[0-9][0-9]-*.png")) {
            for (Path each : earlier) {
                Files.delete(each);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new LotusException(folder + ": pictures of an earlier run cannot be deleted: " + e.getMessage(), e);
        }
    }

    private BufferedImage picture(Sample sample) {
        Benchmark benchmark = result.benchmark();
        RgbImage image = benchmark.layout().image(data, sample.files());
        Truth truth = benchmark.layout().truth(data, sample.files(), image);
        Plane prediction = predictions.find(benchmark, sample, image, truth).orElseThrow();
        List<byte[]> panels = new ArrayList<>(List.of(image.toArray()));
        panels.addAll(result.scoring().pictures(prediction, truth));
        double scale = Math.min(1, (double) EDGE / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) (image.width() * scale));
        int height = Math.max(1, (int) (image.height() * scale));
        BufferedImage all = new BufferedImage(width * panels.size(), height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = all.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        for (int i = 0; i < panels.size(); i++) {
            BufferedImage panel = buffered(panels.get(i), image.width(), image.height());
            graphics.drawImage(panel, i * width, 0, width, height, null);
        }
        graphics.dispose();
        return all;
    }

    private static BufferedImage buffered(byte[] rgb, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int colour = ((rgb[3 * i] & 0xff) << 16) | ((rgb[3 * i + 1] & 0xff) << 8) | (rgb[3 * i + 2] & 0xff);
            image.setRGB(i % width, i / width, colour);
        }
        return image;
    }
}
