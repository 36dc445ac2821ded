package io.github.lotus4j.cpu;

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
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A run on the CPU. When its memory is only measuring, every operator takes its temporary memory and computes nothing. */
final class CpuOps extends Ops {
    private static final int PIXELS_IN_ITEM = 256;

    private final WorkerTeam team;
    private final Kernels kernels;
    private @Nullable StackMemory memory; // until this is closed
    private final Consumer<StackMemory> giveBack;
    private final Predicate<Input> winograd;

    /** @param winograd which inputs are convolved by {@link Winograd}, where it computes the layer */
    CpuOps(
            RunListener listener,
            WorkerTeam team,
            Kernels kernels,
            Predicate<Input> winograd,
            StackMemory memory,
            Consumer<StackMemory> giveBack) {
        super(listener);
        this.team = team;
        this.kernels = kernels;
        this.winograd = winograd;
        this.memory = memory;
        this.giveBack = giveBack;
    }

    Kernels kernels() {
        return kernels;
    }

    StackMemory memory() {
        StackMemory open = memory;
        if (open == null) {
            throw new IllegalStateException("this run is closed");
        }
        return open;
    }

    int threads() {
        return team.threads();
    }

    /** Runs the items on the team; does nothing when measuring. */
    void parallel(int items, WorkerTeam.Task task) {
        if (!memory().measures()) {
            team.run(items, this::cancelled, task);
        }
    }

    @Override
    public Frame frame() {
        return memory().frame();
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
        StackMemory open = memory;
        if (open != null) {
            memory = null;
            giveBack.accept(open);
        }
    }

    @Override
    protected void doUpload(Tensor out, float[] values) {
        HostTensor to = HostTensor.of(out);
        int channels = to.shape().c();
        parallel(1, (item, worker) -> {
            for (int pixel = 0; pixel < to.shape().pixels(); pixel++) {
                System.arraycopy(values, pixel * channels, to.data(), to.at(pixel), channels);
            }
        });
    }

    @Override
    protected float[] doDownload(Tensor in) {
        HostTensor from = HostTensor.of(in);
        int channels = from.shape().c();
        float[] values = new float[Math.toIntExact(from.shape().elements())];
        parallel(1, (item, worker) -> {
            for (int pixel = 0; pixel < from.shape().pixels(); pixel++) {
                System.arraycopy(from.data(), from.at(pixel), values, pixel * channels, channels);
            }
        });
        return values;
    }

    @Override
    protected void doConv2d(Tensor out, Input in, Conv2d conv, Epilogue epilogue) {
        product(out, in, PreparedWeights.own(conv, CpuLayer.class), epilogue);
    }

    @Override
    protected void doLinear(Tensor out, Input in, Linear linear, Epilogue epilogue) {
        product(out, in, PreparedWeights.own(linear, CpuLayer.class), epilogue);
    }

    @Override
    protected void doGeglu(Tensor out, Input in, Linear projection) {
        product(out, in, PreparedWeights.own(projection, CpuLayer.class), Epilogue.NONE);
    }

    private void product(Tensor out, Input in, CpuLayer layer, Epilogue epilogue) {
        PackedMatrix packed = layer.packed();
        try (Frame _ = frame()) {
            HostTensor to = HostTensor.of(out);
            HostTensor shift = hostOrNull(epilogue.shift());
            HostTensor residual = hostOrNull(epilogue.residual());
            if (packed == null) {
                new UnpackedProduct(this, to, in, layer, shift, residual).run();
            } else if (winograd.test(in) && Winograd.computes(in, layer)) {
                new Winograd(this, to, in, layer, packed, shift, residual).run();
            } else {
                new Convolution(this, to, in, layer, packed, shift, residual).run();
            }
        }
    }

    private static @Nullable HostTensor hostOrNull(@Nullable Tensor tensor) {
        return tensor == null ? null : HostTensor.of(tensor);
    }

    @Override
    protected void doAttention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        try (Frame _ = frame()) {
            new Attention(this, HostTensor.of(out), HostTensor.of(q), HostTensor.of(k), HostTensor.of(v), heads, causal)
                    .run();
        }
    }

    @Override
    protected void doCopy(Tensor out, Input in) {
        try (Frame _ = frame()) {
            write(HostTensor.of(out), in, kernels);
        }
    }

    /** Writes a view out; temporary memory comes from the caller's frame. */
    void write(HostTensor to, Input in, Kernels by) {
        ViewReader reader = new ViewReader(in, this, by);
        Shape shape = in.shape();
        int pixels = Math.min(PIXELS_IN_ITEM, shape.w());
        int across = Math.ceilDiv(shape.w(), pixels);
        HostTensor rows = memory().tensor(new Shape(1, 1, threads(), pixels * shape.c()));
        parallel(shape.n() * shape.h() * across, (item, worker) -> {
            int row = item / across;
            int x = item % across * pixels;
            int count = Math.min(pixels, shape.w() - x);
            int from = rows.at(worker);
            reader.read(row / shape.h(), row % shape.h(), x, count, rows.data(), from);
            for (int i = 0; i < count; i++) {
                int at = to.at(row * shape.w() + x + i);
                System.arraycopy(rows.data(), from + i * shape.c(), to.data(), at, shape.c());
            }
        });
    }

    @Override
    protected void doCombine(Tensor out, float alpha, Tensor a, float beta, Tensor b) {
        HostTensor to = HostTensor.of(out);
        HostTensor left = HostTensor.of(a);
        HostTensor right = HostTensor.of(b);
        eachElement(to.shape(), (pixel, c) -> {
            float sum = alpha * left.data()[left.at(pixel) + c];
            if (beta != 0) {
                sum += beta * right.data()[right.at(pixel) + c];
            }
            to.data()[to.at(pixel) + c] = sum;
        });
    }

    @Override
    protected void doSample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale) {
        HostTensor to = HostTensor.of(out);
        HostTensor means = HostTensor.of(mean);
        HostTensor logs = HostTensor.of(logvar);
        HostTensor draws = HostTensor.of(noise);
        eachElement(to.shape(), (pixel, c) -> {
            float log = Math.clamp(logs.data()[logs.at(pixel) + c], -30f, 20f);
            float deviation = (float) Math.exp(0.5 * log);
            float value = means.data()[means.at(pixel) + c] + deviation * draws.data()[draws.at(pixel) + c];
            to.data()[to.at(pixel) + c] = scale * value;
        });
    }

    private interface Element {
        void compute(int pixel, int channel);
    }

    /** For latents, which are small. */
    private void eachElement(Shape shape, Element element) {
        parallel(1, (item, worker) -> {
            for (int pixel = 0; pixel < shape.pixels(); pixel++) {
                for (int c = 0; c < shape.c(); c++) {
                    element.compute(pixel, c);
                }
            }
        });
    }
}
