package io.github.lotus4j.benchmarks;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.Progress;
import io.github.lotus4j.RgbImage;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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

/** Whole predictions through the public API, with the time that each stage takes of them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 1)
@Measurement(iterations = 2)
public class StageBenchmark {
    @Param
    @SuppressWarnings("NullAway.Init")
    public Model model;

    @SuppressWarnings("NullAway.Init")
    private Lotus lotus;

    @SuppressWarnings("NullAway.Init")
    private RgbImage image;

    /** Milliseconds of the stages, beside the whole. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Milliseconds {
        public double encode;
        public double denoise;
        public double decode;

        @Setup(Level.Iteration)
        public void reset() {
            encode = 0;
            denoise = 0;
            decode = 0;
        }

        void add(Progress.Stage stage, double milliseconds) {
            switch (stage) {
                case ENCODE -> encode += milliseconds;
                case DENOISE -> denoise += milliseconds;
                case DECODE -> decode += milliseconds;
            }
        }
    }

    @Setup
    public void load() throws IOException {
        lotus = Lotus.builder().depth(model.folder()).backend("cpu").build();
        image = Model.noise(model.side());
    }

    @Benchmark
    public float predictDepth(Milliseconds milliseconds) {
        long[] last = {System.nanoTime()};
        PredictionOptions options = PredictionOptions.DEFAULT
                .withProcessingResolution(0)
                .withProgress(progress -> {
                    long now = System.nanoTime();
                    milliseconds.add(progress.stage(), (now - last[0]) / 1e6);
                    last[0] = now;
                });
        return lotus.predictDepth(image, options).at(0, 0);
    }

    @TearDown
    public void close() {
        lotus.close();
    }
}
