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
import org.jspecify.annotations.Nullable;

/** A run on the CPU. When its memory is only measuring, every operator takes its temporary memory and computes nothing. */
final class CpuOps extends Ops {
    private static final int PIXELS_IN_ITEM = 256;

    private final WorkerTeam team;
    private final Kernels kernels;
    private @Nullable StackMemory memory; // until this is closed
    private final Consumer<StackMemory> giveBack;
    private final ConvolutionPlanner planner;

    CpuOps(
            RunListener listener,
            WorkerTeam team,
            Kernels kernels,
            ConvolutionPlanner planner,
            StackMemory memory,
            Consumer<StackMemory> giveBack) {
        super(listener);
        this.team = team;
        this.kernels = kernels;
        this.planner = planner;
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

    WorkerScratch scratch(int worker) {
        return memory().scratch(worker);
    }

    /** What a layer adds to every pixel: bias and shift, [1, 1, 1, outputs], of the caller's frame. */
    HostTensor offsets(CpuLayer layer, @Nullable HostTensor shift) {
        HostTensor offsets = memory().tensor(Shape.vector(layer.outChannels()));
        if (!measures()) {
            float[] bias = layer.bias();
            System.arraycopy(bias, 0, offsets.data(), offsets.offset(), bias.length);
            if (shift != null) {
                int at = offsets.offset();
                kernels.add(offsets.data(), at, shift.data(), shift.offset(), offsets.data(), at, bias.length);
            }
        }
        return offsets;
    }

    /** Asked between the steps of an item that may take long: ends the run when it was cancelled. */
    void checkCancelled() {
        start();
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
                return;
            }
            int tile = Winograd.computes(in, layer) ? algorithm(in, layer).tile() : 0;
            if (tile > 0) {
                new Winograd(this, to, in, layer, packed, shift, residual, tile).run();
            } else {
                new Convolution(this, to, in, layer, packed, shift, residual).run();
            }
        }
    }

    private ConvolutionPlanner.Algorithm algorithm(Input in, CpuLayer layer) {
        return planner.choose(in.height(), in.width(), layer.inChannels(), layer.outChannels(), Winograd.doubles(in));
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
