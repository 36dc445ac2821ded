package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.ForkedRun;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CpuBackendTest {
    private static final Shape SHAPE = new Shape(1, 3, 5, 7);

    @Test
    void runThatTheHeapCannotHoldIsRefusedAndTheBackendGoesOn() {
        try (CpuBackend backend = new CpuBackend(new BackendSettings(1, true))) {
            assertThatThrownBy(() -> backend.open(RunListener.NONE, 1L << 45))
                    .isInstanceOf(InsufficientMemoryException.class);
            try (Ops ops = backend.open(RunListener.NONE, 1000)) {
                assertThat(ops.peakBytes()).isZero();
            }
        }
    }

    @Test
    void memoryOfAnEndedRunServesTheNextAndOnlyOne() {
        try (CpuBackend backend = new CpuBackend(new BackendSettings(1, true))) {
            Ops first = backend.open(RunListener.NONE, 1000);
            float[] data = data(first);
            first.close();
            first.close();
            try (Ops second = backend.open(RunListener.NONE, 900);
                    Ops third = backend.open(RunListener.NONE, 900)) {
                assertThat(data(second)).isSameAs(data);
                assertThat(data(third)).isNotSameAs(data);
            }
        }
    }

    @Test
    void memoryThatIsTooSmallMakesRoomForLarger() {
        try (CpuBackend backend = new CpuBackend(new BackendSettings(1, true))) {
            float[] small = used(backend, 1000);
            float[] large = used(backend, 5000);
            assertThat(large).isNotSameAs(small);
            try (Ops first = backend.open(RunListener.NONE, 1000);
                    Ops second = backend.open(RunListener.NONE, 1000)) {
                assertThat(first.peakBytes()).isZero();
                assertThat(data(first)).isSameAs(large);
                assertThat(data(second)).isNotSameAs(small);
            }
        }
    }

    private static float[] used(CpuBackend backend, long bytes) {
        try (Ops ops = backend.open(RunListener.NONE, bytes)) {
            return data(ops);
        }
    }

    /** In a process of its own, with a heap of 64 MB, all of which an array may take: not so with the collector of a single processor. */
    @Test
    void idleMemoryIsGivenUpForALargerRun() throws Exception {
        String output = ForkedRun.of(SmallHeap.class, List.of("-Xmx64m", "-XX:+UseG1GC"));
        assertThat(output).contains("took 44000000 bytes");
    }

    /** Two runs at once, then one that is larger than what they leave. */
    static final class SmallHeap {
        public static void main(String[] args) {
            try (CpuBackend backend = new CpuBackend(new BackendSettings(1, true), new ScalarKernels())) {
                Ops first = backend.open(RunListener.NONE, 24_000_000);
                Ops second = backend.open(RunListener.NONE, 24_000_000);
                first.close();
                second.close();
                try (Ops large = backend.open(RunListener.NONE, 44_000_000)) {
                    System.out.println("took " + Float.BYTES * (long) data(large).length + " bytes");
                }
            }
        }
    }

    private static float[] data(Ops ops) {
        try (Frame frame = ops.frame()) {
            return HostTensor.of(frame.tensor(SHAPE)).data();
        }
    }

    @Test
    void nothingWorksAfterClosing() {
        CpuBackend backend = new CpuBackend(new BackendSettings(1, true));
        Ops ops = backend.open(RunListener.NONE);
        ops.close();
        assertThatThrownBy(ops::frame).isInstanceOf(IllegalStateException.class).hasMessageContaining("run is closed");
        backend.close();
        backend.close();
        assertThatThrownBy(() -> backend.open(RunListener.NONE)).hasMessageContaining("backend is closed");
        assertThatThrownBy(() -> backend.open(RunListener.NONE, 10)).hasMessageContaining("backend is closed");
        assertThatThrownBy(() -> backend.prepare(Backend.Reuse.MANY)).hasMessageContaining("backend is closed");
    }

    @Test
    void operatorStopsInTheMiddleWhenItsRunIsCancelled() {
        AtomicInteger asked = new AtomicInteger();
        RunListener patient = new RunListener() {
            @Override
            public boolean cancelled() {
                return asked.incrementAndGet() > 10;
            }
        };
        Shape image = new Shape(1, 64, 64, 16);
        try (CpuBackend backend = new CpuBackend(new BackendSettings(2, true));
                Ops ops = backend.open(patient);
                Frame frame = ops.frame()) {
            Tensor in = frame.tensor(image);
            Tensor out = frame.tensor(image);
            assertThatThrownBy(() -> ops.attention(out, in, in, in, 1, false))
                    .isInstanceOf(CancellationException.class);
            assertThat(asked).hasValueBetween(11, 20);
        }
    }

    /** An item of a deep layer or of attention to a large image would take too long. */
    @Test
    void itemsAskBetweenTheirSteps() {
        AtomicInteger asked = new AtomicInteger();
        RunListener counting = new RunListener() {
            @Override
            public boolean cancelled() {
                asked.incrementAndGet();
                return false;
            }
        };
        int panelWidth = Kernels.best().panelWidth();
        int many = 1024 * panelWidth; // each of an item's steps takes a few of them
        try (CpuBackend backend = new CpuBackend(new BackendSettings(1, true));
                PreparedWeights weights = backend.prepare(Backend.Reuse.MANY);
                Ops ops = backend.open(counting);
                Frame frame = ops.frame()) {
            Linear linear = weights.linear(
                    ArrayParameter.of("weight", DType.F32, new float[many * 16], many, 16),
                    ArrayParameter.of("bias", DType.F32, new float[many], many));
            weights.load();
            Tensor one = frame.tensor(Shape.vector(16));
            ops.linear(frame.tensor(Shape.vector(many)), Input.of(one), linear);
            assertThat(asked.getAndSet(0)).as("steps of items").isGreaterThanOrEqualTo(64);
            int count = 16 * DepthBlocks.LONGEST;
            Tensor keys = frame.tensor(new Shape(1, 1, count, 16));
            ops.attention(frame.tensor(Shape.vector(16)), one, keys, keys, 1, false);
            assertThat(asked.get()).as("items to pack keys, blocks of keys").isGreaterThan(count / panelWidth + 10);
        }
    }

    /** Whether it fills a panel of rows with others or not; deeper than a block, with a residual. */
    @Test
    void aPixelsSumsDoNotDependOnHowManyThereAre() {
        int depth = 2 * DepthBlocks.LONGEST + 1;
        int outputs = 2 * Kernels.best().panelWidth() + 1;
        int most = 25;
        Random random = new Random(1);
        float[] input = KernelsTest.noise(random, most * depth);
        float[] added = KernelsTest.noise(random, most * outputs);
        try (CpuBackend backend = new CpuBackend(new BackendSettings(2, true));
                PreparedWeights weights = backend.prepare(Backend.Reuse.MANY);
                Ops ops = backend.open(RunListener.NONE)) {
            Linear linear = weights.linear(
                    ArrayParameter.of("weight", DType.F32, KernelsTest.noise(random, outputs * depth), outputs, depth),
                    ArrayParameter.of("bias", DType.F32, KernelsTest.noise(random, outputs), outputs));
            weights.load();
            float[] all = linear(ops, linear, input, added, most);
            for (int pixels = 1; pixels < most; pixels++) {
                assertThat(linear(ops, linear, input, added, pixels))
                        .as("of %d pixels", pixels)
                        .isEqualTo(Arrays.copyOf(all, pixels * outputs));
            }
        }
    }

    private static float[] linear(Ops ops, Linear linear, float[] input, float[] added, int pixels) {
        try (Frame frame = ops.frame()) {
            Tensor in = frame.tensor(new Shape(1, 1, pixels, linear.inFeatures()));
            Tensor residual = frame.tensor(new Shape(1, 1, pixels, linear.outFeatures()));
            Tensor out = frame.tensor(residual.shape());
            ops.upload(in, Arrays.copyOf(input, pixels * linear.inFeatures()));
            ops.upload(residual, Arrays.copyOf(added, pixels * linear.outFeatures()));
            ops.linear(out, Input.of(in), linear, Epilogue.plus(residual));
            return ops.download(out);
        }
    }
}
