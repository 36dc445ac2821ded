package io.github.lotus4j.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A matrix product of 1024×1024×1024, and as many multiply-adds that read no memory, in turn: how much of the processor's peak
 * the product has, whatever else the machine does meanwhile.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 100)
@Measurement(iterations = 100)
public class ProductBenchmark {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /**
     * Of the FMA loop: two begin in a cycle, and each takes four. The compiler adds to a sum in place; a product in its place would
     * be copied first.
     */
    private static final int SUMS = 10;

    @Param({"1", "2"})
    public int threads;

    @SuppressWarnings("NullAway.Init")
    private LotusOperator product;

    @SuppressWarnings("NullAway.Init")
    private ExecutorService executor;

    @SuppressWarnings("NullAway.Init")
    private List<Callable<Float>> loops;

    /** Both, by themselves. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Milliseconds {
        public double product;
        public double fma;

        @Setup(Level.Iteration)
        public void reset() {
            product = 0;
            fma = 0;
        }
    }

    @Setup
    public void prepare() {
        product = new LotusOperator(Operator.PRODUCT_1024, Machine.backend("cpu", threads));
        executor = Executors.newFixedThreadPool(threads);
        int steps = (1 << 30) / (SUMS * SPECIES.length() * threads);
        loops = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            loops.add(() -> multiplyAndAdd(steps));
        }
    }

    @Benchmark
    public float run(Milliseconds milliseconds) throws InterruptedException, ExecutionException {
        long begin = System.nanoTime();
        product.run();
        long between = System.nanoTime();
        float sum = 0;
        for (Future<Float> each : executor.invokeAll(loops)) {
            sum += each.get();
        }
        milliseconds.product += (between - begin) / 1e6;
        milliseconds.fma += (System.nanoTime() - between) / 1e6;
        return sum;
    }

    private static float multiplyAndAdd(int steps) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        FloatVector s8 = s0;
        FloatVector s9 = s0;
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
        for (int i = 0; i < steps; i++) {
            s0 = x.fma(y, s0);
            s1 = x.fma(y, s1);
            s2 = x.fma(y, s2);
            s3 = x.fma(y, s3);
            s4 = x.fma(y, s4);
            s5 = x.fma(y, s5);
            s6 = x.fma(y, s6);
            s7 = x.fma(y, s7);
            s8 = x.fma(y, s8);
            s9 = x.fma(y, s9);
        }
        FloatVector sum = s0.add(s1)
                .add(s2)
                .add(s3)
                .add(s4)
                .add(s5)
                .add(s6)
                .add(s7)
                .add(s8)
                .add(s9);
        return sum.reduceLanes(VectorOperators.ADD);
    }

    @TearDown
    public void close() {
        product.close();
        executor.shutdown();
    }
}
