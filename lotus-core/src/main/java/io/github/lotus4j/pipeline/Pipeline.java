package io.github.lotus4j.pipeline;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import java.util.List;
import java.util.Optional;

/** A checkpoint's models, through which predictions walk. Thread-safe; each call is a run of its own. */
public final class Pipeline {
    private final AutoencoderKL vae;
    private final Denoiser denoiser;
    private final boolean mean;

    /** @param mean whether results are the mean of the three channels */
    Pipeline(AutoencoderKL vae, Denoiser denoiser, boolean mean) {
        this.vae = vae;
        this.denoiser = denoiser;
        this.mean = mean;
    }

    /** Whether the network also reads a noise latent (Lotus-G), and so can take several steps. */
    public boolean generative() {
        return denoiser.generative();
    }

    AutoencoderKL vae() {
        return vae;
    }

    Denoiser denoiser() {
        return denoiser;
    }

    boolean mean() {
        return mean;
    }

    /** Whether one encoded image serves both. */
    public boolean sharesVae(Pipeline other) {
        return vae == other.vae;
    }

    /** The size an image is processed at: the longer edge becomes {@code resolution}; sides are truncated, at least 1. */
    public static Shape processingShape(Shape image, int resolution) {
        if (resolution == 0) {
            return image;
        }
        double factor = Math.min((double) resolution / image.w(), (double) resolution / image.h());
        int height = Math.max((int) (image.h() * factor), 1);
        int width = Math.max((int) (image.w() * factor), 1);
        return image.withSize(height, width);
    }

    /**
     * What a run takes.
     *
     * @param bytes of the backend's memory, weights not included
     * @param hostBytes of the pixels on their way in and out
     * @param work multiply-adds, see {@link Ops#work()}
     */
    public record Plan(long bytes, long hostBytes, long work) {}

    /** Walks without computing. */
    public static Plan plan(List<Pipeline> pipelines, Shape image, Settings settings, Backend backend) {
        Shape size = processingShape(image, settings.processingResolution());
        try (Ops ops = backend.measure()) {
            predict(pipelines, new byte[0], image, settings, new LatentAverage(), ops);
            return new Plan(ops.peakBytes(), hostBytes(pipelines, image, size, settings), ops.work());
        }
    }

    /**
     * Samples as floats and what they are resized to, of a tile where there are any; results as they are, and resized; latents that are
     * averaged, before and after.
     */
    private static long hostBytes(List<Pipeline> pipelines, Shape image, Shape size, Settings settings) {
        Optional<TiledVae> tiles = TiledVae.of(pipelines.getFirst().vae, size, settings.vaeTile());
        Shape uploaded = tiles.map(TiledVae::tile).orElse(size);
        long values = 2 * uploaded.elements() + 2 * image.elements() * uploaded.elements() / size.elements();
        for (Pipeline each : pipelines) {
            values += 2 * each.resultShape(image, settings).elements();
            if (settings.ensemble() > 1) {
                values += each.ensembleValues(image, settings);
            }
            if (settings.averaged()) {
                values += 2L * settings.ensemble() * each.latentShape(size).elements();
            }
            if (tiles.isPresent()) {
                values += size.withChannels(each.mean ? 1 : size.c()).elements();
            }
        }
        return Float.BYTES * values;
    }

    /**
     * Of all members, again of one image where there is a batch, whose images are merged one by one; what they are merged into, what
     * they are aligned to, and their spread, as it is and resized.
     */
    private long ensembleValues(Shape image, Settings settings) {
        Shape decoded = decodedSize(image, settings);
        long member = decoded.withChannels(mean ? 1 : 3).elements();
        long again = image.n() > 1 ? member / image.n() : 0;
        return settings.ensemble() * (member + again)
                + member
                + 2L * decoded.pixels()
                + sizeOfResult(image, settings).pixels();
    }

    /** {@link #predict(List, byte[], Shape, Settings, Ops)} by one pipeline, of one member. */
    public float[] predict(byte[] pixels, Shape image, Settings settings, Ops ops) {
        return predict(List.of(this), pixels, image, settings, ops).getFirst().getFirst();
    }

    /** {@link #predict(List, byte[], Shape, Settings, LatentAverage, Ops)} of images by themselves. */
    public static List<List<float[]>> predict(
            List<Pipeline> pipelines, byte[] pixels, Shape image, Settings settings, Ops ops) {
        return predict(pipelines, pixels, image, settings, new LatentAverage(), ops);
    }

    /**
     * Runs models that share a VAE over a batch of images of one size, which is encoded once.
     *
     * @param pixels red, green, blue, unsigned, {@code image} in shape
     * @param average of earlier images' latents and these, where the settings ask for one
     * @return for each member of the ensemble, in the order of the seeds, and each pipeline, its three channels in [0, 1], or
     *     their mean: at the size that the settings ask for where there is one member; else as decoded, for {@link #toResultSize}
     */
    public static List<List<float[]>> predict(
            List<Pipeline> pipelines, byte[] pixels, Shape image, Settings settings, LatentAverage average, Ops ops) {
        AutoencoderKL vae = pipelines.getFirst().vae;
        Shape size = processingShape(image, settings.processingResolution());
        if (Math.min(size.h(), size.w()) < vae.smallestSide()) {
            throw new LotusException(
                    "image: found %d×%d pixels, which are processed as %d×%d; the model needs at least %d on each side"
                            .formatted(image.w(), image.h(), size.w(), size.h(), vae.smallestSide()));
        }
        SourceImage source = SourceImage.of(pixels, image, size, settings.filter());
        Optional<TiledVae> tiles = TiledVae.of(vae, size, settings.vaeTile());
        try (Frame frame = ops.frame()) {
            return new Walk(pipelines, size, settings, tiles, average, frame, ops).run(source);
        }
    }

    /**
     * Brings what members of one image were merged into to the size that the settings ask for, by nearest neighbour.
     *
     * @param merged {@code [h, w, channels]}, of the members' height and width
     */
    public float[] toResultSize(float[] merged, int channels, Shape image, Settings settings, Ops ops) {
        Shape from = decodedSize(image, settings);
        Shape to = sizeOfResult(image, settings);
        Axis vertical = SourceImage.axis(from.h(), to.h(), Filter.NEAREST);
        return ops.resize(merged, 1, channels, vertical, SourceImage.axis(from.w(), to.w(), Filter.NEAREST));
    }

    /** That of the result: three channels, or their mean. */
    public Shape resultShape(Shape image, Settings settings) {
        return sizeOfResult(image, settings).withChannels(mean ? 1 : 3);
    }

    private Shape sizeOfResult(Shape image, Settings settings) {
        return settings.matchInput() ? image : decodedSize(image, settings);
    }

    private Shape decodedSize(Shape image, Settings settings) {
        return vae.decodedShape(latentShape(processingShape(image, settings.processingResolution())));
    }

    private Shape latentShape(Shape size) {
        return vae.momentsShape(size).withChannels(vae.latentChannels());
    }
}
