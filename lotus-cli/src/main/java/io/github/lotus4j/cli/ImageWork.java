package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** What a command does with each image. */
record ImageWork(
        Prediction command, Lotus lotus, PredictionOptions options, PredictionWriter writer, BatchReport report)
        implements Batch.Work {
    /**
     * Bytes on the heap for a pixel of an image that is read, 10, and of results that are written: both maps, 28, copies of their
     * numbers, 16, and a picture of normals, 19.
     */
    private static final long BYTES_BESIDE = 73;

    /** And for a pixel of a shape: what it is made of, 28, and its points and triangles, 55. */
    private static final long BYTES_OF_SHAPE = 83;

    @Override
    public RgbImage read(Path file) {
        return RgbImage.read(file);
    }

    @Override
    public boolean roomBeside(RgbImage image) {
        try {
            long shape = writer.includesShapes() ? BYTES_OF_SHAPE * image.width() * image.height() : 0;
            return roomBeside(image, shape + lotus.predictionBytes(image.width(), image.height(), options));
        } catch (LotusException e) { // the prediction will say so, too
            return true;
        }
    }

    /** @param predicting bytes that the prediction takes */
    static boolean roomBeside(RgbImage image, long predicting) {
        long beside = bytesBeside((long) image.width() * image.height());
        return predicting + beside <= Runtime.getRuntime().maxMemory();
    }

    /** What another image that is read, and results that are written, take. */
    static long bytesBeside(long pixels) {
        return BYTES_BESIDE * pixels;
    }

    @Override
    public Supplier<List<Path>> predict(Source source, RgbImage image) {
        PredictionOptions told = options.withProgress(now -> report.predicting(source, now));
        return command.predict(lotus, image, told, writer, source.name());
    }
}
