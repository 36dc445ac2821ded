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
    private final LatentAverage average;
    private final Frame frame;
    private final Ops ops;
    private final Key key;
    private final Optional<Tensor> latentNoise;
    private final List<Optional<Tensor>> noises = new ArrayList<>(); // of each pipeline

    /** What the computation depends on, beside its memory. Pipelines are compared by identity. */
    private record Key(List<Pipeline> pipelines, Shape size, boolean sampled, Optional<Shape> tile) {}

    /** What is computed apart where an ensemble shares it, or something is done between. */
    private enum Stage {
        ENCODE,
        DENOISE,
        DECODE,
        DENOISE_AND_DECODE
    }

    private record Part(Key whole, Stage stage) {}

    /**
     * @param tiles that the VAE works in, if any
     * @param average of what is predicted
     * @param frame of what lasts until the end
     */
    Walk(
            List<Pipeline> pipelines,
            Shape size,
            Settings settings,
            Optional<TiledVae> tiles,
            LatentAverage average,
            Frame frame,
            Ops ops) {
        this.tiles = tiles;
        this.average = average;
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
            noises.add(pipeline.generative() ? Optional.of(frame.tensor(latentShape)) : Optional.empty());
        }
        key = new Key(pipelines, size, latentNoise.isPresent(), tiles.map(TiledVae::tile));
    }

    /** @return for each member of the ensemble and each pipeline, its result */
    List<List<float[]>> run(SourceImage source) {
        if (tiles.isPresent()) {
            return inTiles(source, tiles.get());
        }
        boolean apart = settings.ensemble() > 1 || settings.averaged();
        return apart ? apart(source) : List.of(whole(source));
    }

    private List<float[]> whole(SourceImage source) {
        Tensor rgb = uploaded(source);
        List<Tensor> decoded = decodedTensors();
        drawNoise(0);
        compute(key, () -> {
            try (Frame inner = ops.frame()) {
                Tensor latent = inner.tensor(latentShape);
                encode(latent, rgb);
                predict(decoded, latent);
            }
        });
        return download(decoded, source.shape());
    }

    /** {@link #whole} by several members, which share what was encoded, or with predicted latents that are averaged. */
    private List<List<float[]>> apart(SourceImage source) {
        Tensor rgb = uploaded(source);
        List<Tensor> decoded = decodedTensors();
        Tensor latent = frame.tensor(latentShape);
        compute(new Part(key, Stage.ENCODE), () -> encode(latent, rgb));
        List<List<float[]>> members = new ArrayList<>();
        for (int member = 0; member < settings.ensemble(); member++) {
            drawNoise(member);
            if (settings.averaged()) {
                predictAveraged(decoded, latent);
            } else {
                compute(new Part(key, Stage.DENOISE_AND_DECODE), () -> predict(decoded, latent));
            }
            members.add(download(decoded, source.shape()));
        }
        return members;
    }

    private void predictAveraged(List<Tensor> decoded, Tensor latent) {
        try (Frame inner = ops.frame()) {
            List<Tensor> predicted = latentTensors(inner);
            compute(new Part(key, Stage.DENOISE), () -> denoise(predicted, latent));
            average.add(predicted, settings.latentWeight(), ops);
            compute(new Part(key, Stage.DECODE), () -> {
                for (int i = 0; i < pipelines.size(); i++) {
                    decode(decoded.get(i), predicted.get(i));
                }
            });
        }
    }

    private Tensor uploaded(SourceImage source) {
        Tensor rgb = frame.tensor(size);
        source.upload(rgb, ops);
        return rgb;
    }

    private List<Tensor> decodedTensors() {
        List<Tensor> decoded = new ArrayList<>();
        pipelines.forEach(_ -> decoded.add(frame.tensor(vae.decodedShape(latentShape))));
        return decoded;
    }

    private List<Tensor> latentTensors(Frame of) {
        List<Tensor> latents = new ArrayList<>();
        pipelines.forEach(_ -> latents.add(of.tensor(latentShape)));
        return latents;
    }

    private void encode(Tensor latent, Tensor rgb) {
        try (Frame inner = ops.frame()) {
            Tensor moments = inner.tensor(vae.momentsShape(size));
            vae.encode(moments, rgb, ops);
            latent(latent, moments);
        }
    }

    /** One pipeline after the other. */
    private void predict(List<Tensor> decoded, Tensor latent) {
        for (int i = 0; i < pipelines.size(); i++) {
            try (Frame inner = ops.frame()) {
                Tensor x0 = inner.tensor(latentShape);
                denoise(x0, latent, i);
                decode(decoded.get(i), x0);
            }
        }
    }

    private void decode(Tensor decoded, Tensor x0) {
        vae.decode(decoded, x0, ops);
        ops.computed("decoder_out", decoded);
    }

    private List<float[]> download(List<Tensor> decoded, Shape image) {
        List<float[]> results = new ArrayList<>();
        for (int i = 0; i < pipelines.size(); i++) {
            Tensor from = decoded.get(i);
            Axis vertical = resultAxis(from.shape().h(), image.h());
            Axis horizontal = resultAxis(from.shape().w(), image.w());
            results.add(
                    pipelines.get(i).mean()
                            ? ops.downloadMeans(from, vertical, horizontal)
                            : ops.downloadImages(from, vertical, horizontal));
        }
        return results;
    }

    /** All members with a VAE that encodes and decodes in tiles. */
    private List<List<float[]>> inTiles(SourceImage source, TiledVae tiledVae) {
        Tensor moments = frame.tensor(vae.momentsShape(size));
        List<Tensor> predicted = latentTensors(frame);
        tiledVae.encode(moments, source, key, ops);
        List<List<float[]>> members = new ArrayList<>();
        for (int member = 0; member < settings.ensemble(); member++) {
            drawNoise(member);
            compute(key, () -> {
                try (Frame inner = ops.frame()) {
                    Tensor latent = inner.tensor(latentShape);
                    latent(latent, moments);
                    denoise(predicted, latent);
                }
            });
            average.add(predicted, settings.latentWeight(), ops);
            members.add(decodedInTiles(predicted, source, tiledVae));
        }
        return members;
    }

    private List<float[]> decodedInTiles(List<Tensor> predicted, SourceImage source, TiledVae tiledVae) {
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
        boolean resized = settings.matchInput() && settings.ensemble() == 1; // several members are merged as decoded
        return resized ? SourceImage.axis(from, image, Filter.NEAREST) : Axis.same(from);
    }

    /** Runs a part of which a device may keep a recording, unless something is uploaded in it. */
    private void compute(Object part, Runnable computation) {
        boolean constant = settings.steps() == 1
                && pipelines.stream().allMatch(each -> each.denoiser().constant(settings.task()));
        if (constant) {
            ops.repeatable(part, computation);
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

    /** The latents that the VAE decodes, of each pipeline. */
    private void denoise(List<Tensor> predicted, Tensor latent) {
        for (int i = 0; i < pipelines.size(); i++) {
            denoise(predicted.get(i), latent, i);
        }
    }

    /** The latent that the VAE decodes. */
    private void denoise(Tensor x0, Tensor latent, int pipeline) {
        Tensor noise = noises.get(pipeline).orElse(latent);
        pipelines.get(pipeline).denoiser().predict(x0, latent, noise, settings.steps(), settings.task(), ops);
        ops.scale(x0, (float) (1 / vae.scalingFactor()), x0);
    }

    /** Fills every pipeline's noise for a member of the ensemble. */
    private void drawNoise(int member) {
        noises.forEach(noise -> noise.ifPresent(tensor -> fill(tensor, settings.seed() + member)));
    }

    private Tensor randn(long seed) {
        Tensor tensor = frame.tensor(latentShape);
        fill(tensor, seed);
        return tensor;
    }

    /** Noise in the reference's order, [N, C, H, W]. */
    private void fill(Tensor tensor, long seed) {
        Shape shape = tensor.shape();
        if (ops.measures()) {
            return;
        }
        float[] drawn = new TorchRandom(seed).randn(Math.toIntExact(shape.elements()));
        float[] noise = new float[drawn.length];
        int pixels = shape.h() * shape.w();
        for (int i = 0; i < drawn.length; i++) {
            int plane = i / pixels;
            noise[(plane / shape.c() * pixels + i % pixels) * shape.c() + plane % shape.c()] = drawn[i];
        }
        ops.upload(tensor, noise);
    }
}
