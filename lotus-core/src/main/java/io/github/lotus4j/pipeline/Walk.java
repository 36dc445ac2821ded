package io.github.lotus4j.pipeline;

import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One prediction's walk: encode, denoise, decode; by models that share a VAE. */
final class Walk {
    private final List<Pipeline> pipelines;
    private final AutoencoderKL vae;
    private final Shape size; // [N, H, W, 3]
    private final Shape latentShape; // [N, h, w, latentChannels]
    private final Settings settings;
    private final Optional<TiledVae> tiles;
    private final Frame frame;
    private final Ops ops;
    private final Key key;
    private final Optional<Tensor> latentNoise;
    private final List<Optional<Tensor>> noises = new ArrayList<>(); // of each pipeline

    /** What the computation depends on, beside its memory. Pipelines are compared by identity. */
    private record Key(List<Pipeline> pipelines, Shape size, boolean sampled, Optional<Shape> tile) {}

    /**
     * @param tiles that the VAE works in, if any
     * @param frame of what lasts until the end
     */
    Walk(List<Pipeline> pipelines, Shape size, Settings settings, Optional<TiledVae> tiles, Frame frame, Ops ops) {
        this.tiles = tiles;
        this.pipelines = pipelines;
        this.size = size;
        this.settings = settings;
        this.frame = frame;
        this.ops = ops;
        vae = pipelines.getFirst().vae();
        latentShape = vae.momentsShape(size).withChannels(vae.latentChannels());
        latentNoise = settings.latentSampleSeed().isPresent()
                ? Optional.of(randn(settings.latentSampleSeed().getAsLong()))
                : Optional.empty();
        for (Pipeline pipeline : pipelines) {
            noises.add(pipeline.generative() ? Optional.of(randn(settings.seed())) : Optional.empty());
        }
        key = new Key(pipelines, size, latentNoise.isPresent(), tiles.map(TiledVae::tile));
    }

    /** @return for each pipeline, its result */
    List<float[]> run(SourceImage source) {
        return tiles.isPresent() ? inTiles(source, tiles.get()) : whole(source);
    }

    private List<float[]> whole(SourceImage source) {
        Tensor rgb = frame.tensor(size);
        source.upload(rgb, ops);
        List<Tensor> decoded = new ArrayList<>();
        pipelines.forEach(_ -> decoded.add(frame.tensor(vae.decodedShape(latentShape))));
        compute(() -> {
            try (Frame inner = ops.frame()) {
                Tensor latent = inner.tensor(latentShape);
                encode(latent, rgb);
                for (int i = 0; i < pipelines.size(); i++) {
                    decode(decoded.get(i), latent, i);
                }
            }
        });
        List<float[]> results = new ArrayList<>();
        for (int i = 0; i < pipelines.size(); i++) {
            results.add(download(decoded.get(i), pipelines.get(i).mean(), source.shape()));
        }
        return results;
    }

    private void encode(Tensor latent, Tensor rgb) {
        try (Frame inner = ops.frame()) {
            Tensor moments = inner.tensor(vae.momentsShape(size));
            vae.encode(moments, rgb, ops);
            latent(latent, moments);
        }
    }

    private void decode(Tensor decoded, Tensor latent, int pipeline) {
        try (Frame inner = ops.frame()) {
            Tensor x0 = inner.tensor(latentShape);
            denoise(x0, latent, pipeline);
            vae.decode(decoded, x0, ops);
            ops.computed("decoder_out", decoded);
        }
    }

    private float[] download(Tensor decoded, boolean mean, Shape image) {
        Axis vertical = resultAxis(decoded.shape().h(), image.h());
        Axis horizontal = resultAxis(decoded.shape().w(), image.w());
        return mean
                ? ops.downloadMeans(decoded, vertical, horizontal)
                : ops.downloadImages(decoded, vertical, horizontal);
    }

    /** {@link #whole} with a VAE that encodes and decodes in tiles. */
    private List<float[]> inTiles(SourceImage source, TiledVae tiledVae) {
        Tensor moments = frame.tensor(vae.momentsShape(size));
        List<Tensor> predicted = new ArrayList<>();
        pipelines.forEach(_ -> predicted.add(frame.tensor(latentShape)));
        tiledVae.encode(moments, source, key, ops);
        compute(() -> {
            try (Frame inner = ops.frame()) {
                Tensor latent = inner.tensor(latentShape);
                latent(latent, moments);
                for (int i = 0; i < pipelines.size(); i++) {
                    denoise(predicted.get(i), latent, i);
                }
            }
        });
        List<float[]> results = new ArrayList<>();
        for (int i = 0; i < pipelines.size(); i++) {
            boolean mean = pipelines.get(i).mean();
            results.add(resized(tiledVae.decode(predicted.get(i), mean, key, ops), mean ? 1 : 3, source.shape()));
        }
        return results;
    }

    private float[] resized(float[] result, int channels, Shape image) {
        if (ops.measures()) {
            return result;
        }
        Shape from = vae.decodedShape(latentShape);
        Axis horizontal = resultAxis(from.w(), image.w());
        return ops.resize(result, from.n(), channels, resultAxis(from.h(), image.h()), horizontal);
    }

    private Axis resultAxis(int from, int image) {
        return settings.matchInput() ? SourceImage.axis(from, image, Filter.NEAREST) : Axis.same(from);
    }

    /** Runs a part of which a device may keep a recording, unless something is uploaded in it. */
    private void compute(Runnable computation) {
        boolean constant = settings.steps() == 1
                && pipelines.stream().allMatch(each -> each.denoiser().constant(settings.task()));
        if (constant) {
            ops.repeatable(key, computation);
        } else {
            computation.run();
        }
    }

    /** From the VAE's moments, [N, h, w, 2 · latentChannels], to what the UNet reads. */
    private void latent(Tensor latent, Tensor moments) {
        ops.computed("latent_moments", moments);
        int channels = vae.latentChannels();
        Tensor mean = moments.channels(0, channels);
        float scale = (float) vae.scalingFactor();
        if (latentNoise.isPresent()) {
            ops.sample(latent, mean, moments.channels(channels, channels), latentNoise.get(), scale);
        } else {
            ops.scale(latent, scale, mean);
        }
    }

    /** The latent that the VAE decodes. */
    private void denoise(Tensor x0, Tensor latent, int pipeline) {
        Tensor noise = noises.get(pipeline).orElse(latent);
        pipelines.get(pipeline).denoiser().predict(x0, latent, noise, settings.steps(), settings.task(), ops);
        ops.scale(x0, (float) (1 / vae.scalingFactor()), x0);
    }

    /** Noise in the reference's order, [N, C, H, W]. */
    private Tensor randn(long seed) {
        Shape shape = latentShape;
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
