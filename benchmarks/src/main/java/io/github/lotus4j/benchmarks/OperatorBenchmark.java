package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Backends;
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

/** One operator, ours and ONNX Runtime's in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx3g"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class OperatorBenchmark {
    /** Of the largest value of ours. */
    private static final double LARGEST_DIFFERENCE = 1e-3;

    /** Who computes. */
    public enum Software {
        LOTUS,
        ONNX_RUNTIME;

        PreparedOperator prepare(Operator operator) {
            return switch (this) {
                case LOTUS -> new LotusOperator(operator, Machine.backend(Backends.AUTO, Machine.processors()));
                case ONNX_RUNTIME -> new OnnxOperator(operator, Machine.processors());
            };
        }
    }

    @Param
    @SuppressWarnings("NullAway.Init")
    public Operator operator;

    @Param // named to come after the operator: JMH then runs the two of an operator one after the other
    @SuppressWarnings("NullAway.Init")
    public Software software;

    @SuppressWarnings("NullAway.Init")
    private PreparedOperator prepared;

    @Setup
    public void prepare() {
        prepared = software.prepare(operator);
        if (software != Software.LOTUS) {
            prepared.run();
            requireEqual(prepared.output());
        }
    }

    /** Other results than ours are not timed. */
    private void requireEqual(float[] found) {
        try (PreparedOperator ours = Software.LOTUS.prepare(operator)) {
            ours.run();
            float[] expected = ours.output();
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(found[i] - expected[i]));
            }
            if (!(difference <= LARGEST_DIFFERENCE * largest)) {
                throw new IllegalStateException("%s: %s is off by %.1e, of values up to %.1e"
                        .formatted(operator.title(), software, difference, largest));
            }
        }
    }

    @Benchmark
    public void run() {
        prepared.run();
    }

    @TearDown
    public void close() {
        prepared.close();
    }
}
