package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A run on a GPU: everything is put on one stream, in order, and only a download waits. Measuring puts nothing there. */
final class CudaOps extends Ops {
    private final CudaBackend backend;
    private final Lane lane;
    private final ViewWriter views = new ViewWriter(this);
    private @Nullable DeviceMemory memory; // until this is closed

    CudaOps(RunListener listener, CudaBackend backend, Lane lane, DeviceMemory memory) {
        super(listener);
        this.backend = backend;
        this.lane = lane;
        this.memory = memory;
    }

    DeviceMemory memory() {
        DeviceMemory open = memory;
        if (open == null) {
            throw new IllegalStateException("this run is closed");
        }
        return open;
    }

    Device device() {
        return backend.device();
    }

    Precision precision() {
        return backend.precision();
    }

    Lane lane() {
        return lane;
    }

    Convolver convolver() {
        return backend.convolver();
    }

    /** None where it was not asked for or cannot be had. */
    @Nullable
    FusedAttention fusedAttention() {
        return backend.fusedAttention();
    }

    /** None where it was not asked for or cannot be had. */
    @Nullable
    FusedConvolution fusedConvolution() {
        return backend.fusedConvolution();
    }

    /** Puts a kernel for this run's storage type on the stream. */
    void launch(String kernel, Launch how, Arguments arguments) {
        launchUntyped(kernel + precision().suffix(), how, arguments);
    }

    void launchUntyped(String kernel, Launch how, Arguments arguments) {
        if (!measures()) {
            device().use();
            backend.kernels().launch(kernel, how, arguments, lane.stream());
        }
    }

    /** Copies to the device, in order. */
    void upload(long to, MemorySegment from) {
        if (!measures()) {
            lane.staging().upload(to, from);
        }
    }

    /** Waits until everything that was put on the stream is done, and copies from the device. */
    void download(float[] to, long from) {
        if (!measures()) {
            lane.staging().download(MemorySegment.ofArray(to), from);
        }
    }

    @Override
    public Frame frame() {
        return memory().frame(precision());
    }

    @Override
    public boolean measures() {
        return memory().measures();
    }

    @Override
    public long peakBytes() {
        return memory().peakBytes();
    }

    @Override
    public void close() {
        DeviceMemory open = memory;
        if (open != null) {
            memory = null;
            try {
                if (open.growing()) {
                    lane.await(); // what is still on the stream uses the memory
                    open.close();
                }
            } finally {
                backend.giveBack(lane);
            }
        }
    }

    @Override
    protected void doRepeatable(Object key, Runnable part) {
        if (memory().growing()) {
            part.run();
        } else {
            device().use();
            lane.recordings().run(key, part, () -> silently(part));
        }
    }

    @Override
    protected void doUpload(Tensor out, float[] values) {
        DeviceTensor to = DeviceTensor.of(out);
        try (Frame _ = frame()) {
            DeviceTensor floats = memory().tensor(to.shape(), Precision.F32);
            upload(floats.address(), MemorySegment.ofArray(values));
            convert("from_floats", to, floats);
        }
    }

    @Override
    protected float[] doDownload(Tensor in) {
        DeviceTensor from = DeviceTensor.of(in);
        float[] values = new float[Math.toIntExact(from.shape().elements())];
        try (Frame _ = frame()) {
            DeviceTensor floats = memory().tensor(from.shape(), Precision.F32);
            convert("to_floats", floats, from);
            download(values, floats.address());
        }
        return values;
    }

    @Override
    protected void doUploadImages(Tensor out, byte[] samples, Axis vertical, Axis horizontal) {
        try (Frame _ = frame()) {
            new ImageTransfer(this).upload(DeviceTensor.of(out), samples, vertical, horizontal);
        }
    }

    @Override
    protected float[] doDownloadImages(Tensor in, Axis vertical, Axis horizontal, boolean mean) {
        try (Frame _ = frame()) {
            return new ImageTransfer(this).download(DeviceTensor.of(in), vertical, horizontal, mean);
        }
    }

    private void convert(String kernel, DeviceTensor to, DeviceTensor from) {
        Shape shape = to.shape();
        Arguments arguments = new Arguments()
                .address(from.address())
                .address(to.address())
                .number((long) shape.pixels())
                .number(from.stride())
                .number(to.stride())
                .number(shape.c());
        launch(kernel, Launch.over(shape.elements()), arguments);
    }

    @Override
    protected void doConv2d(Tensor out, Input in, Conv2d conv, Epilogue epilogue) {
        CudaLayer layer = PreparedWeights.own(conv, CudaLayer.class);
        if (layer.point()) {
            product(DeviceTensor.of(out), in, layer, epilogue);
        } else {
            new Convolution(this, views, layer).run(DeviceTensor.of(out), in, epilogue);
        }
    }

    @Override
    protected void doLinear(Tensor out, Input in, Linear linear, Epilogue epilogue) {
        product(DeviceTensor.of(out), in, PreparedWeights.own(linear, CudaLayer.class), epilogue);
    }

    private void product(DeviceTensor out, Input in, CudaLayer layer, Epilogue epilogue) {
        try (Frame _ = frame()) {
            DeviceTensor shift = DeviceTensor.ofNullable(epilogue.shift());
            DeviceTensor residual = DeviceTensor.ofNullable(epilogue.residual());
            boolean inPlace = out.equals(residual);
            multiply(out, views.read(in), layer, inPlace);
            long bias = measures() ? 0 : layer.bias();
            if (bias != 0 || shift != null || (residual != null && !inPlace)) {
                add(out, out, bias, shift, inPlace ? null : residual);
            }
        }
    }

    /** {@code out = in · weightᵀ}, or, if it is added, {@code out + in · weightᵀ}. */
    private void multiply(DeviceTensor out, DeviceTensor in, CudaLayer layer, boolean added) {
        long weight = measures() ? 0 : layer.weight();
        Matrix weights = Matrix.dense(weight, precision(), layer.outFeatures(), layer.inFeatures());
        Matrix.of(out).productTransposed(this, Matrix.of(in), weights, added, layer.name());
    }

    /** {@code out = in + bias + shift + residual}; the bias is of floats, 0 where there is none. */
    void add(
            DeviceTensor out,
            DeviceTensor in,
            long bias,
            @Nullable DeviceTensor shift,
            @Nullable DeviceTensor residual) {
        boolean wide = out.wide() && in.stride() % precision().wide() == 0 && (residual == null || residual.wide());
        Arguments arguments = new Arguments()
                .address(in.address())
                .address(bias)
                .address(shift == null ? 0 : shift.address())
                .address(residual == null ? 0 : residual.address())
                .address(out.address())
                .number((long) out.shape().pixels())
                .number(in.stride())
                .number(residual == null ? 0 : residual.stride())
                .number(out.stride())
                .number(out.shape().c())
                .flag(wide);
        launch("epilogue", over(out, wide), arguments);
    }

    /** @param wide whether a thread moves 16 bytes at once */
    Launch over(DeviceTensor tensor, boolean wide) {
        return Launch.over(tensor.shape().elements() / (wide ? precision().wide() : 1));
    }

    @Override
    protected void doGeglu(Tensor out, Input in, Linear projection) {
        CudaLayer layer = PreparedWeights.own(projection, CudaLayer.class);
        DeviceTensor to = DeviceTensor.of(out);
        try (Frame _ = frame()) {
            DeviceTensor both = memory().tensor(to.shape().withChannels(layer.outFeatures()), precision());
            multiply(both, views.read(in), layer, false);
            boolean wide = to.wide();
            Arguments arguments = new Arguments()
                    .address(both.address())
                    .address(measures() ? 0 : layer.bias())
                    .address(to.address())
                    .number((long) to.shape().pixels())
                    .number(both.stride())
                    .number(to.stride())
                    .number(to.shape().c())
                    .flag(wide);
            launch("geglu", over(to, wide), arguments);
        }
    }

    @Override
    protected void doAttention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        new Attention(this, DeviceTensor.of(out), DeviceTensor.of(q), DeviceTensor.of(k), DeviceTensor.of(v), heads)
                .run(causal);
    }

    @Override
    protected void doCopy(Tensor out, Input in) {
        try (Frame _ = frame()) {
            views.write(DeviceTensor.of(out), in, 0, 0);
        }
    }

    @Override
    protected void doCombine(Tensor out, float alpha, Tensor a, float beta, Tensor b) {
        DeviceTensor to = DeviceTensor.of(out);
        DeviceTensor left = DeviceTensor.of(a);
        DeviceTensor right = DeviceTensor.of(b);
        boolean wide = to.wide() && left.wide() && right.wide();
        Arguments arguments = new Arguments()
                .address(left.address())
                .address(right.address())
                .address(to.address())
                .number((long) to.shape().pixels())
                .number(left.stride())
                .number(right.stride())
                .number(to.stride())
                .number(to.shape().c())
                .number(alpha)
                .number(beta)
                .flag(wide);
        launch("combine", over(to, wide), arguments);
    }

    @Override
    protected void doSample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale) {
        DeviceTensor to = DeviceTensor.of(out);
        DeviceTensor means = DeviceTensor.of(mean);
        DeviceTensor logs = DeviceTensor.of(logvar);
        DeviceTensor draws = DeviceTensor.of(noise);
        Arguments arguments = new Arguments()
                .address(means.address())
                .address(logs.address())
                .address(draws.address())
                .address(to.address())
                .number((long) to.shape().pixels())
                .number(means.stride())
                .number(logs.stride())
                .number(draws.stride())
                .number(to.stride())
                .number(to.shape().c())
                .number(scale);
        launch("sample", over(to, false), arguments);
    }
}
