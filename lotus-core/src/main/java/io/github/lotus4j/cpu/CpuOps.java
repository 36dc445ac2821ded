package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run on the CPU. When its memory is only measuring, every operator takes its temporary memory and computes nothing. */
final class CpuOps extends Ops {
    private @Nullable Workspace workspace; // until this is closed
    private final Consumer<Workspace> giveBack;
    private final ConvolutionPlanner planner;
    private @Nullable Recording recording; // while a part is recorded
    private long workRecorded;

    private final Recording.Player player = new Recording.Player() {
        @Override
        public void run(Operator operator, long work) {
            start(work);
            operator.run();
        }

        @Override
        public void computed(String path, Input view) {
            CpuOps.this.computed(path, view);
        }
    };

    /** @param giveBack is given the workspace when this is closed */
    CpuOps(RunListener listener, ConvolutionPlanner planner, Workspace workspace, Consumer<Workspace> giveBack) {
        super(listener);
        this.planner = planner;
        this.workspace = workspace;
        this.giveBack = giveBack;
        workspace.begin(this::cancelled, this::start);
    }

    private Workspace workspace() {
        Workspace open = workspace;
        if (open == null) {
            throw new IllegalStateException("this run is closed");
        }
        return open;
    }

    @Override
    public Frame frame() {
        return workspace().memory().frame();
    }

    @Override
    public boolean measures() {
        return workspace().memory().measures();
    }

    @Override
    public long peakBytes() {
        return workspace().memory().peakBytes();
    }

    @Override
    public void close() {
        Workspace open = workspace;
        if (open != null) {
            workspace = null;
            open.end();
            giveBack.accept(open);
        }
    }

    private void compute(Operator operator) {
        if (measures()) {
            return;
        }
        if (recording != null) {
            recording.add(operator, work() - workRecorded);
            workRecorded = work();
        }
        operator.run();
    }

    @Override
    protected void doRepeatable(Object key, Runnable part) {
        Workspace in = workspace();
        Recording known = in.memory().planned() ? in.recording(key) : null;
        if (known != null) {
            known.play(player);
            in.memory().raisePeak(known.peakBytes());
        } else if (in.memory().planned()) {
            in.keep(key, record(part)); // unless it was cancelled
        } else {
            part.run();
        }
    }

    private Recording record(Runnable part) {
        Recording made = new Recording();
        workRecorded = work();
        recording = made;
        try {
            part.run();
        } finally {
            recording = null;
        }
        made.end(workspace().memory().peakBytes());
        return made;
    }

    @Override
    protected void beforeTelling(String path, Input view) {
        if (recording != null) {
            recording.add(path, view);
        }
    }

    @Override
    protected void doUpload(Tensor out, float[] values) {
        HostTensor to = HostTensor.of(out);
        int channels = to.shape().c();
        if (measures()) {
            return;
        }
        workspace().parallel(1, (item, worker) -> {
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
        if (measures()) {
            return values;
        }
        workspace().parallel(1, (item, worker) -> {
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
        try (Frame _ = frame()) {
            compute(product(HostTensor.of(out), in, layer, epilogue));
        }
    }

    private Operator product(HostTensor out, Input in, CpuLayer layer, Epilogue epilogue) {
        PackedMatrix packed = layer.packed();
        HostTensor shift = hostOrNull(epilogue.shift());
        HostTensor residual = hostOrNull(epilogue.residual());
        if (packed == null) {
            return new UnpackedProduct(workspace(), out, in, layer, shift, residual);
        }
        int tile = Winograd.computes(in, layer) ? algorithm(in, layer).tile() : 0;
        return tile > 0
                ? new Winograd(workspace(), out, in, layer, packed, shift, residual, tile)
                : new Convolution(workspace(), out, in, layer, packed, shift, residual);
    }

    private ConvolutionPlanner.Algorithm algorithm(Input in, CpuLayer layer) {
        return planner.choose(in.height(), in.width(), layer.inChannels(), layer.outChannels(), in.doubled());
    }

    private static @Nullable HostTensor hostOrNull(@Nullable Tensor tensor) {
        return tensor == null ? null : HostTensor.of(tensor);
    }

    @Override
    protected void doAttention(Tensor out, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        try (Frame _ = frame()) {
            compute(new Attention(
                    workspace(),
                    HostTensor.of(out),
                    HostTensor.of(q),
                    HostTensor.of(k),
                    HostTensor.of(v),
                    heads,
                    causal));
        }
    }

    @Override
    protected void doCopy(Tensor out, Input in) {
        try (Frame _ = frame()) {
            compute(new Writing(workspace(), HostTensor.of(out), in, workspace().kernels()));
        }
    }

    @Override
    protected void doCombine(Tensor out, float alpha, Tensor a, float beta, Tensor b) {
        HostTensor to = HostTensor.of(out);
        HostTensor left = HostTensor.of(a);
        HostTensor right = HostTensor.of(b);
        compute(new ElementWise(workspace(), to.shape(), (pixel, c) -> {
            float sum = alpha * left.data()[left.at(pixel) + c];
            if (beta != 0) {
                sum += beta * right.data()[right.at(pixel) + c];
            }
            to.data()[to.at(pixel) + c] = sum;
        }));
    }

    @Override
    protected void doSample(Tensor out, Tensor mean, Tensor logvar, Tensor noise, float scale) {
        HostTensor to = HostTensor.of(out);
        HostTensor means = HostTensor.of(mean);
        HostTensor logs = HostTensor.of(logvar);
        HostTensor draws = HostTensor.of(noise);
        compute(new ElementWise(workspace(), to.shape(), (pixel, c) -> {
            float log = Math.clamp(logs.data()[logs.at(pixel) + c], -30f, 20f);
            float deviation = (float) Math.exp(0.5 * log);
            float value = means.data()[means.at(pixel) + c] + deviation * draws.data()[draws.at(pixel) + c];
            to.data()[to.at(pixel) + c] = scale * value;
        }));
    }
}
