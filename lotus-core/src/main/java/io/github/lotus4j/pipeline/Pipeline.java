package io.github.lotus4j.pipeline;

import io.github.lotus4j.image.Filter;
import io.github.lotus4j.image.Resize;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.OptionalLong;

/** The walk of a prediction: encode, denoise, decode. Thread-safe; each call is a run of its own. */
public final class Pipeline {
    private final AutoencoderKL vae;
    private final Denoiser denoiser;

    Pipeline(AutoencoderKL vae, Denoiser denoiser) {
        this.vae = vae;
        this.denoiser = denoiser;
    }

    public Denoiser denoiser() {
        return denoiser;
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
     * Runs the models over a batch of images of one size.
     *
     * @param pixels red, green, blue from 0 to 255, {@code image} in shape
     * @return three channels in [0, 1], at the size that the settings ask for
     */
    public float[] predict(float[] pixels, Shape image, Settings settings, Ops ops) {
        Shape size = processingShape(image, settings.processingResolution());
        try (Frame frame = ops.frame()) {
            Tensor latent = encode(preprocess(pixels, image, size, settings.filter()), size, settings, frame, ops);
            Tensor noise = latent;
            if (denoiser.generative()) {
                noise = randn(latent.shape(), settings.seed(), frame, ops);
            }
            Tensor x0 = frame.tensor(latent.shape());
            denoiser.predict(x0, latent, noise, settings.steps(), settings.task(), ops);
            ops.scale(x0, (float) (1 / vae.scalingFactor()), x0);
            Tensor decoded = frame.tensor(vae.decodedShape(x0.shape()));
            vae.decode(decoded, x0, ops);
            ops.computed("decoder_out", decoded);
            return postprocess(ops.download(decoded), decoded.shape(), settings.matchInput() ? image : decoded.shape());
        }
    }

    /** The size of the result. */
    public Shape resultShape(Shape image, Settings settings) {
        if (settings.matchInput()) {
            return image;
        }
        Shape moments = vae.momentsShape(processingShape(image, settings.processingResolution()));
        return vae.decodedShape(moments.withChannels(vae.latentChannels()));
    }

    private static float[] preprocess(float[] pixels, Shape image, Shape size, Filter filter) {
        float[] rgb = new float[pixels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = pixels[i] / 127.5f - 1f;
        }
        return resizeEach(rgb, image, size, filter);
    }

    private static float[] resizeEach(float[] values, Shape from, Shape to, Filter filter) {
        int length = from.h() * from.w() * from.c();
        float[] all = new float[Math.toIntExact(to.elements())];
        for (int n = 0; n < from.n(); n++) {
            float[] one = java.util.Arrays.copyOfRange(values, n * length, (n + 1) * length);
            float[] resized = Resize.apply(one, from.h(), from.w(), from.c(), to.h(), to.w(), filter);
            System.arraycopy(resized, 0, all, n * resized.length, resized.length);
        }
        return all;
    }

    private Tensor encode(float[] rgb, Shape size, Settings settings, Frame frame, Ops ops) {
        Tensor latent = frame.tensor(vae.momentsShape(size).withChannels(vae.latentChannels()));
        try (Frame inner = ops.frame()) {
            Tensor image = inner.tensor(size);
            ops.upload(image, rgb);
            ops.computed("rgb_resized", image);
            Tensor moments = inner.tensor(vae.momentsShape(size)); // [N, h, w, 2 · latentChannels]
            vae.encode(moments, image, ops);
            ops.computed("latent_moments", moments);
            int channels = vae.latentChannels();
            Tensor mean = moments.channels(0, channels);
            float scale = (float) vae.scalingFactor();
            OptionalLong seed = settings.latentSampleSeed();
            if (seed.isPresent()) {
                Tensor noise = randn(latent.shape(), seed.getAsLong(), inner, ops);
                ops.sample(latent, mean, moments.channels(channels, channels), noise, scale);
            } else {
                ops.scale(latent, scale, mean);
            }
        }
        return latent;
    }

    /** Noise in the reference's order, [N, C, H, W]. */
    private static Tensor randn(Shape shape, long seed, Frame frame, Ops ops) {
        float[] drawn = new TorchRandom(seed).randn(Math.toIntExact(shape.elements()));
        float[] noise = new float[drawn.length];
        int pixels = shape.h() * shape.w();
        for (int i = 0; i < drawn.length; i++) {
            int plane = i / pixels;
            noise[(plane / shape.c() * pixels + i % pixels) * shape.c() + plane % shape.c()] = drawn[i];
        }
        Tensor tensor = frame.tensor(shape);
        ops.upload(tensor, noise);
        return tensor;
    }

    private static float[] postprocess(float[] decoded, Shape from, Shape to) {
        for (int i = 0; i < decoded.length; i++) {
            decoded[i] = Math.clamp(decoded[i] / 2 + 0.5f, 0f, 1f);
        }
        return resizeEach(decoded, from, to.withChannels(from.c()), Filter.NEAREST);
    }
}
