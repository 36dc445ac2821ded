package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Backends;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One operator, with weights as a prediction packs them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx3g"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class OperatorBenchmark {
    @Param
    @SuppressWarnings("NullAway.Init")
    public Operator operator;

    private final Backend backend = Backends.open(
            Backends.AUTO, new BackendSettings(Runtime.getRuntime().availableProcessors(), false));
    private final PreparedWeights weights = backend.prepare(Backend.Reuse.MANY);
    private final Ops ops = backend.open(RunListener.NONE);
    private final Frame frame = ops.frame();
    private Runnable run = () -> {};

    @Setup
    public void prepare() {
        run = operator.prepare(weights, ops, frame);
    }

    @Benchmark
    public void run() {
        run.run();
    }

    @TearDown
    public void close() {
        frame.close();
        ops.close();
        weights.close();
        backend.close();
    }
}
