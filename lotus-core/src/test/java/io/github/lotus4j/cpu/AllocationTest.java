package io.github.lotus4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Pipeline;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that predictions allocate on the heap, by any of the threads that compute. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Shape IMAGE = new Shape(1, 40, 56, 3);

    private static final Long[] NOTHING = {0L, 0L, 0L, 0L, 0L};

    @TempDir
    Path folder;

    /** What the threads have allocated when the first block of a run is done, and when the last is. */
    private static final class Counter implements RunListener {
        private final long[] ids;
        private long first = -1;
        private long last;

        Counter(long[] ids) {
            this.ids = ids;
        }

        @Override
        public void computed(String path, Input view, Ops ops) {
            if (path.equals("vae/encoder.conv_in")) {
                first = allocated();
            } else if (path.equals("decoder_out")) {
                last = allocated();
            }
        }

        private long allocated() {
            long sum = 0;
            for (long id : ids) {
                sum += THREADS.getThreadAllocatedBytes(id);
            }
            return sum;
        }
    }

    /** Vectors are objects until the code that computes with them is compiled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void predictionsComputeWithoutAllocatingOnceCompiled(boolean exact) throws IOException {
        List<Long> allocated = allocated(new CpuBackend(new BackendSettings(2, exact)), 1_000);
        assertThat(allocated.getFirst()).as("the first").isGreaterThan(100_000);
        assertThat(allocated).as("after %d predictions", allocated.size()).endsWith(NOTHING);
    }

    /** What predictions allocate, one after the other, at most so many: until several in a row allocate nothing. */
    private List<Long> allocated(CpuBackend backend, int most) throws IOException {
        Path checkpoint = SyntheticCheckpoint.write(
                folder.resolve("lotus-depth-d-test"), Architecture.TINY, Mode.D, 1, DType.F16);
        Settings settings = new Settings(
                0, Filter.BILINEAR, true, 0, 1, 1, Task.PREDICTION, OptionalLong.empty(), OptionalInt.empty());
        byte[] pixels = new byte[(int) IMAGE.elements()];
        new Random(1).nextBytes(pixels);
        List<Long> allocated = new ArrayList<>();
        try (backend;
                LoadedCheckpoint loaded = LoadedCheckpoint.load(checkpoint, backend)) {
            Pipeline pipeline = loaded.pipeline();
            long bytes =
                    Pipeline.plan(List.of(pipeline), IMAGE, settings, backend).bytes();
            long[] ids = threads();
            while (allocated.size() < most && Collections.indexOfSubList(allocated, List.of(NOTHING)) < 0) {
                Counter counter = new Counter(ids);
                try (Ops ops = backend.open(counter, bytes)) {
                    pipeline.predict(pixels, IMAGE, settings, ops);
                }
                allocated.add(counter.last - counter.first);
            }
        }
        return allocated;
    }

    /** The caller and the workers of a backend of two threads. */
    private static long[] threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each == Thread.currentThread() || each.getName().startsWith("lotus-cpu-"))
                .mapToLong(Thread::threadId)
                .toArray();
    }
}
