package io.github.lotus4j.pipeline;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.image.Resize;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The walk of a prediction: encode, denoise, decode. Thread-safe; each call is a run of its own. */
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
            predict(pipelines, new byte[0], image, settings, ops);
            long results = pipelines.stream()
                    .mapToLong(each -> each.resultShape(image, settings).elements())
                    .sum();
            long host = Float.BYTES * (2 * image.elements() + 2 * size.elements() + 2 * results);
            return new Plan(ops.peakBytes(), host, ops.work());
        }
    }

    /** {@link #predict(List, byte[], Shape, Settings, Ops)} by one pipeline. */
    public float[] predict(byte[] pixels, Shape image, Settings settings, Ops ops) {
        return predict(List.of(this), pixels, image, settings, ops).getFirst();
    }

    /**
     * Runs models that share a VAE over a batch of images of one size, which is encoded once.
     *
     * @param pixels red, green, blue, unsigned, {@code image} in shape
     * @return for each pipeline, its three channels in [0, 1], or their mean, at the size that the settings ask for
     */
    public static List<float[]> predict(
            List<Pipeline> pipelines, byte[] pixels, Shape image, Settings settings, Ops ops) {
        Pipeline first = pipelines.getFirst();
        AutoencoderKL vae = first.vae;
        Shape size = processingShape(image, settings.processingResolution());
        if (Math.min(size.h(), size.w()) < vae.smallestSide()) {
            throw new LotusException(
                    "image: found %d×%d pixels, which are processed as %d×%d; the model needs at least %d on each side"
                            .formatted(image.w(), image.h(), size.w(), size.h(), vae.smallestSide()));
        }
        try (Frame frame = ops.frame()) {
            Tensor rgb = upload(pixels, image, size, settings.filter(), frame, ops); // [N, H, W, 3]
            Shape latentShape = vae.momentsShape(size).withChannels(vae.latentChannels());
            Optional<Tensor> latentNoise = settings.latentSampleSeed().isPresent()
                    ? Optional.of(randn(latentShape, settings.latentSampleSeed().getAsLong(), frame, ops))
                    : Optional.empty();
            List<Decoding> decodings = new ArrayList<>();
            for (Pipeline pipeline : pipelines) {
                decodings.add(pipeline.decoding(latentShape, settings, frame, ops));
            }
            Runnable compute = () -> {
                try (Frame inner = ops.frame()) {
                    Tensor latent = inner.tensor(latentShape);
                    first.encode(latent, rgb, latentNoise, ops);
                    decodings.forEach(each -> each.run(latent, settings, ops));
                }
            };
            if (decodings.stream().allMatch(each -> each.repeatable(settings))) {
                ops.repeatable(new Key(pipelines, size, latentNoise.isPresent()), compute);
            } else {
                compute.run();
            }
            List<float[]> results = new ArrayList<>();
            for (Decoding each : decodings) {
                results.add(each.download(image, settings, ops));
            }
            return results;
        }
    }

    /** What the computation of a run depends on, beside its memory. Pipelines are compared by identity. */
    private record Key(List<Pipeline> pipelines, Shape size, boolean sampled) {}

    /** One pipeline's way from the image's latent to its result. */
    private record Decoding(Pipeline pipeline, Optional<Tensor> noise, Tensor decoded) {
        /** Whether nothing is uploaded on the way. */
        boolean repeatable(Settings settings) {
            return settings.steps() == 1 && pipeline.denoiser.constant(settings.task());
        }

        void run(Tensor latent, Settings settings, Ops ops) {
            try (Frame frame = ops.frame()) {
                Tensor x0 = frame.tensor(latent.shape());
                pipeline.denoiser.predict(x0, latent, noise.orElse(latent), settings.steps(), settings.task(), ops);
                ops.scale(x0, (float) (1 / pipeline.vae.scalingFactor()), x0);
                pipeline.vae.decode(decoded, x0, ops);
                ops.computed("decoder_out", decoded);
            }
        }

        float[] download(Shape image, Settings settings, Ops ops) {
            Shape from = decoded.shape();
            Shape to = settings.matchInput() ? image : from;
            Axis vertical = axis(from.h(), to.h(), Filter.NEAREST);
            Axis horizontal = axis(from.w(), to.w(), Filter.NEAREST);
            return pipeline.mean
                    ? ops.downloadMeans(decoded, vertical, horizontal)
                    : ops.downloadImages(decoded, vertical, horizontal);
        }
    }

    private Decoding decoding(Shape latent, Settings settings, Frame frame, Ops ops) {
        Optional<Tensor> noise =
                generative() ? Optional.of(randn(latent, settings.seed(), frame, ops)) : Optional.empty();
        return new Decoding(this, noise, frame.tensor(vae.decodedShape(latent)));
    }

    /** That of the result: three channels, or their mean. */
    public Shape resultShape(Shape image, Settings settings) {
        return sizeOfResult(image, settings).withChannels(mean ? 1 : 3);
    }

    private Shape sizeOfResult(Shape image, Settings settings) {
        if (settings.matchInput()) {
            return image;
        }
        Shape moments = vae.momentsShape(processingShape(image, settings.processingResolution()));
        return vae.decodedShape(moments.withChannels(vae.latentChannels()));
    }

    private static Axis axis(int from, int to, Filter filter) {
        if (from == to) {
            return Axis.same(to);
        }
        Resize resize = Resize.of(from, to, filter);
        return new Axis(from, to, resize.taps(), resize.first(), resize.weights());
    }

    private static Tensor upload(byte[] pixels, Shape image, Shape size, Filter filter, Frame frame, Ops ops) {
        Tensor rgb = frame.tensor(size);
        ops.uploadImages(rgb, pixels, axis(image.h(), size.h(), filter), axis(image.w(), size.w(), filter));
        ops.computed("rgb_resized", rgb);
        return rgb;
    }

    private void encode(Tensor latent, Tensor rgb, Optional<Tensor> noise, Ops ops) {
        try (Frame frame = ops.frame()) {
            Tensor moments = frame.tensor(vae.momentsShape(rgb.shape())); // [N, h, w, 2 · latentChannels]
            vae.encode(moments, rgb, ops);
            ops.computed("latent_moments", moments);
            int channels = vae.latentChannels();
            Tensor mean = moments.channels(0, channels);
            float scale = (float) vae.scalingFactor();
            if (noise.isPresent()) {
                ops.sample(latent, mean, moments.channels(channels, channels), noise.get(), scale);
            } else {
                ops.scale(latent, scale, mean);
            }
        }
    }

    /** Noise in the reference's order, [N, C, H, W]. */
    private static Tensor randn(Shape shape, long seed, Frame frame, Ops ops) {
        Tensor tensor = frame.tensor(shape);
        if (ops.measures()) {
            return tensor;
        }
        float[] drawn = new TorchRandom(seed).randn(Math.toIntExact(shape.elements()));
        float[] noise = new float[drawn.length];
        int pixels = shape.h() * shape.w();
        for (int i = 0; i < drawn.length; i++) {
            int plane = i / pixels;
            noise[(plane / shape.c() * pixels + i % pixels) * shape.c() + plane % shape.c()] = drawn[i];
        }
        ops.upload(tensor, noise);
        return tensor;
    }
}
