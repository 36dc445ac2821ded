package io.github.lotus4j.ops;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The run phase: destination first, then sources, then the handle. One instance is one run, used by one thread at a time.
 *
 * <p>The public methods check every precondition, once for all backends; the protected ones compute. A destination may not
 * overlap a source, except where a residual is the destination itself. Shapes are {@code [N, H, W, C]}; those that do not fit
 * each other give an IllegalArgumentException that names the operator, what was found and what was expected; a run that was
 * cancelled ends with a CancellationException.
 */
public abstract class Ops implements AutoCloseable {
    private final RunListener listener;
    private long work;
    private boolean silent;

    protected Ops(RunListener listener) {
        this.listener = listener;
    }

    /** A scope for temporary tensors. */
    public abstract Frame frame();

    /** The largest amount of memory that this run has had in use so far, in bytes; weights are not included. */
    public abstract long peakBytes();

    /** Multiply-adds of convolutions, linear layers and attention so far, counted directly, whatever the algorithm. */
    public final long work() {
        return work;
    }

    /** Whether nothing is computed: see {@link Backend#measure()}. */
    public abstract boolean measures();

    /** Gives the run's memory back to its backend; its tensors may not be used then. Closing again does nothing. */
    @Override
    public abstract void close();

    /** Copies values in, channels last. */
    public final void upload(Tensor out, float[] values) {
        require(values.length == out.shape().elements(), "upload", values.length + " values", "shape", out.shape());
        doUpload(out, values);
    }

    /**
     * Copies images in: samples from 0 to 255 become values from -1 to 1, resized, columns before rows.
     *
     * @param out {@code [N, vertical.to, horizontal.to, C]}
     * @param samples {@code [N, vertical.from, horizontal.from, C]}, unsigned; not read when measuring
     */
    public final void uploadImages(Tensor out, byte[] samples, Axis vertical, Axis horizontal) {
        Shape shape = out.shape();
        Shape source = shape.withSize(vertical.from(), horizontal.from());
        require(
                measures() || samples.length == source.elements(),
                "uploadImages",
                samples.length + " samples",
                "shape",
                source);
        Shape expected = shape.withSize(vertical.to(), horizontal.to());
        require(shape.equals(expected), "uploadImages", "out " + shape, "expected", expected);
        doUploadImages(out, samples, vertical, horizontal);
    }

    /**
     * Copies images out, and waits until they are there: values from -1 to 1 become values from 0 to 1, what lies beyond becomes
     * the nearest of these, and then they are resized, columns before rows. What is not finite becomes NaN.
     *
     * @param in {@code [N, vertical.from, horizontal.from, C]}
     * @return {@code [N, vertical.to, horizontal.to, C]}; nothing when measuring
     */
    public final float[] downloadImages(Tensor in, Axis vertical, Axis horizontal) {
        return downloadImages("downloadImages", in, vertical, horizontal, false);
    }

    /**
     * {@link #downloadImages} of the mean of the channels, which is taken before it is resized.
     *
     * @return {@code [N, vertical.to, horizontal.to, 1]}; nothing when measuring
     */
    public final float[] downloadMeans(Tensor in, Axis vertical, Axis horizontal) {
        return downloadImages("downloadMeans", in, vertical, horizontal, true);
    }

    private float[] downloadImages(String operator, Tensor in, Axis vertical, Axis horizontal, boolean mean) {
        Shape expected = in.shape().withSize(vertical.from(), horizontal.from());
        require(in.shape().equals(expected), operator, "in " + in.shape(), "expected", expected);
        return doDownloadImages(in, vertical, horizontal, mean);
    }

    /** The mean of each pixel's channels. */
    public static float[] means(float[] values, int channels) {
        float[] means = new float[values.length / channels];
        for (int i = 0; i < means.length; i++) {
            float sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += values[i * channels + c];
            }
            means[i] = sum / channels;
        }
        return means;
    }

    /** Copies values out, channels last, and waits until they are there. */
    public final float[] download(Tensor in) {
        return doDownload(in);
    }

    /** {@code out = conv(in) + bias + shift + residual}. */
    public final void conv2d(Tensor out, Input in, Conv2d conv, Epilogue epilogue) {
        start();
        Window window = conv.window();
        Shape seen = in.shape();
        requireChannels("conv2d " + conv.name(), in, conv.inChannels());
        Shape expected =
                new Shape(seen.n(), window.outHeight(in.height()), window.outWidth(in.width()), conv.outChannels());
        require(out.shape().equals(expected), "conv2d " + conv.name(), "out " + out.shape(), "expected", expected);
        checkEpilogue("conv2d " + conv.name(), out, epilogue);
        work += out.shape().elements() * conv.inChannels() * window.kernel() * window.kernel();
        doConv2d(out, in, conv, epilogue);
    }

    public final void conv2d(Tensor out, Input in, Conv2d conv) {
        conv2d(out, in, conv, Epilogue.NONE);
    }

    /** {@code out = in · weightᵀ + bias + shift + residual}, for every pixel. */
    public final void linear(Tensor out, Input in, Linear linear, Epilogue epilogue) {
        start();
        requireChannels("linear " + linear.name(), in, linear.inFeatures());
        Shape expected = in.shape().withChannels(linear.outFeatures());
        require(out.shape().equals(expected), "linear " + linear.name(), "out " + out.shape(), "expected", expected);
        checkEpilogue("linear " + linear.name(), out, epilogue);
        work += out.shape().elements() * linear.inFeatures();
        doLinear(out, in, linear, epilogue);
    }

    public final void linear(Tensor out, Input in, Linear linear) {
        linear(out, in, linear, Epilogue.NONE);
    }

    /** {@code out = value · gelu(gate)}, where the projection of {@code in} is value ‖ gate. Shazeer 2020. */
    public final void geglu(Tensor out, Input in, Linear projection) {
        start();
        requireChannels("geglu " + projection.name(), in, projection.inFeatures());
        Shape expected = in.shape().withChannels(projection.outFeatures() / 2);
        require(out.shape().equals(expected), "geglu " + projection.name(), "out " + out.shape(), "expected", expected);
        work += 2 * out.shape().elements() * projection.inFeatures();
        doGeglu(out, in, projection);
    }

    /**
     * {@code out = softmax(q · kᵀ / sqrt(C / heads)) · v}, head by head, scores never written out. Vaswani et al. 2017.
     *
     * @param q {@code [n, h, w, C]}; {@code heads} equal slices of the channels
     * @param k {@code [n or 1, h', w', C]}; one image of keys and values serves a whole batch
     * @param v like {@code k}
     * @param causal whether a query sees only keys up to its own position
     */
    public final void attention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        start();
        require(out.shape().equals(q.shape()), "attention", "out " + out.shape(), "expected", q.shape());
        require(k.shape().equals(v.shape()), "attention", "v " + v.shape(), "expected", k.shape());
        require(k.shape().c() == q.shape().c(), "attention", "k " + k.shape(), "channels of q", q.shape());
        require(
                k.shape().n() == q.shape().n() || k.shape().n() == 1,
                "attention",
                "k " + k.shape(),
                "expected the batch of q",
                q.shape());
        require(heads > 0 && q.shape().c() % heads == 0, "attention", heads + " heads", "for channels of", q.shape());
        work += 2 * out.shape().elements() * k.shape().h() * k.shape().w();
        doAttention(out, q, k, v, heads, causal);
    }

    /** Writes a view out: {@code out = in}. */
    public final void copy(Tensor out, Input in) {
        start();
        requireChannels("copy", in, out.shape().c());
        require(out.shape().equals(in.shape()), "copy", "out " + out.shape(), "expected", in.shape());
        doCopy(out, in);
    }

    /** {@code out = alpha · a + beta · b}; {@code out} may be {@code a} or {@code b}. */
    public final void combine(Tensor out, float alpha, Tensor a, float beta, Tensor b) {
        start();
        require(out.shape().equals(a.shape()), "combine", "a " + a.shape(), "expected", out.shape());
        require(out.shape().equals(b.shape()), "combine", "b " + b.shape(), "expected", out.shape());
        doCombine(out, alpha, a, beta, b);
    }

    /** {@code out = alpha · a}. */
    public final void scale(Tensor out, float alpha, Tensor a) {
        combine(out, alpha, a, 0f, a);
    }

    /** A draw from a diagonal Gaussian: {@code out = scale · (mean + exp(clamp(logvar, -30, 20) / 2) · noise)}. */
    public final void sample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale) {
        start();
        for (Tensor source : new Tensor[] {mean, logvar, noise}) {
            require(out.shape().equals(source.shape()), "sample", "source " + source.shape(), "expected", out.shape());
        }
        doSample(out, mean, logvar, noise, scale);
    }

    /**
     * Runs a part of a prediction that does the same, on tensors of the same places, each time it is given an equal key by a run
     * of as many planned bytes. A device may record it, and replay that later instead of running it; it may then not tell the
     * listener of blocks, unless that wants to see their values. Nothing is uploaded or downloaded in it.
     */
    public final void repeatable(Object key, Runnable part) {
        start();
        if (measures() || listener.observes()) {
            part.run();
        } else {
            doRepeatable(key, part);
        }
    }

    /** Tells the listener that a block is done. */
    public final void computed(String path, Input view) {
        if (!silent) {
            beforeTelling(path, view);
            listener.computed(path, view, this);
        }
    }

    /** For a device that records parts, with their blocks: called before the listener is told. */
    protected void beforeTelling(String path, Input view) {}

    public final void computed(String path, Tensor output) {
        computed(path, Input.of(output));
    }

    /** Runs a part of which the listener hears nothing, and which it cannot cancel. */
    protected final void silently(Runnable part) {
        silent = true;
        try {
            part.run();
        } finally {
            silent = false;
        }
    }

    protected void doRepeatable(Object key, Runnable part) {
        part.run();
    }

    protected abstract void doUpload(Tensor out, float[] values);

    protected abstract float[] doDownload(Tensor in);

    /** By the host, through {@link #upload}. */
    protected void doUploadImages(Tensor out, byte[] samples, Axis vertical, Axis horizontal) {
        if (measures()) {
            return;
        }
        Shape shape = out.shape();
        float[] values = new float[samples.length];
        inParts(values.length, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                values[i] = (samples[i] & 0xff) / 127.5f - 1f;
            }
        });
        upload(out, resize(values, shape.n(), shape.c(), vertical, horizontal));
    }

    /** By the host, through {@link #download}. */
    protected float[] doDownloadImages(Tensor in, Axis vertical, Axis horizontal, boolean mean) {
        if (measures()) {
            return new float[0];
        }
        Shape shape = in.shape();
        float[] values = download(in);
        inParts(values.length, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                float value = values[i] / 2 + 0.5f;
                values[i] = Float.isFinite(value) ? Math.clamp(value, 0f, 1f) : Float.NaN;
            }
        });
        int channels = mean ? 1 : shape.c();
        float[] seen = mean ? means(values, shape.c()) : values;
        return resize(seen, shape.n(), channels, vertical, horizontal);
    }

    private interface Part {
        void compute(int begin, int end);
    }

    /** Computes values on the host, unless the run is cancelled meanwhile. */
    private void inParts(int values, Part part) {
        for (int begin = 0; begin < values; begin += Axis.VALUES_BETWEEN) {
            start();
            part.compute(begin, begin + Math.min(Axis.VALUES_BETWEEN, values - begin));
        }
    }

    /**
     * Resizes images on the host, columns before rows, unless the run is cancelled meanwhile.
     *
     * @param values {@code [images, vertical.from, horizontal.from, channels]}
     * @return {@code [images, vertical.to, horizontal.to, channels]}
     */
    public final float[] resize(float[] values, int images, int channels, Axis vertical, Axis horizontal) {
        float[] wide = horizontal.apply(values, images * vertical.from(), channels, this::start);
        return vertical.apply(wide, images, horizontal.to() * channels, this::start);
    }

    protected abstract void doConv2d(Tensor out, Input in, Conv2d conv, Epilogue epilogue);

    protected abstract void doLinear(Tensor out, Input in, Linear linear, Epilogue epilogue);

    protected abstract void doGeglu(Tensor out, Input in, Linear projection);

    protected abstract void doAttention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal);

    protected abstract void doCopy(Tensor out, Input in);

    protected abstract void doCombine(Tensor out, float alpha, Tensor a, float beta, Tensor b);

    protected abstract void doSample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale);

    /** Whether the run should stop; backends ask inside long operators. */
    protected final boolean cancelled() {
        return !silent && listener.cancelled();
    }

    /** Ends the run when it was cancelled. */
    protected final void start() {
        if (!silent) {
            listener.requireRunning();
        }
    }

    /**
     * Begins an operator of a recording.
     *
     * @param multiplyAdds of it, as counted when it was recorded
     */
    protected final void start(long multiplyAdds) {
        start();
        work += multiplyAdds;
    }

    private static void requireChannels(String operator, Input in, int channels) {
        if (in.channels() != channels) {
            throw new IllegalArgumentException(
                    operator + ": input has " + in.channels() + " channels, expected " + channels);
        }
        Norm norm = in.norm();
        if (norm != null && norm.channels() != channels) {
            throw new IllegalArgumentException(
                    operator + ": " + norm.name() + " has " + norm.channels() + " channels, expected " + channels);
        }
    }

    private static void checkEpilogue(String operator, Tensor out, Epilogue epilogue) {
        Tensor shift = epilogue.shift();
        if (shift != null) {
            Shape expected = Shape.vector(out.shape().c());
            require(shift.shape().equals(expected), operator, "shift " + shift.shape(), "expected", expected);
        }
        Tensor residual = epilogue.residual();
        if (residual != null) {
            require(
                    residual.shape().equals(out.shape()),
                    operator,
                    "residual " + residual.shape(),
                    "expected",
                    out.shape());
        }
    }

    private static void require(
            boolean holds, String operator, String found, String relation, @Nullable Object expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    operator + ": found " + found + ", " + relation + " " + Objects.toString(expected));
        }
    }
}
