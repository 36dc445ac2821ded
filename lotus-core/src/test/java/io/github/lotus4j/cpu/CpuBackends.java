package io.github.lotus4j.cpu;

import io.github.lotus4j.cpu.ConvolutionPlanner.Algorithm;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import java.util.LinkedHashMap;
import java.util.Map;

/** The CPU backend in every way in which it can compute. */
public final class CpuBackends {
    private CpuBackends() {}

    public static Backend best() {
        return new CpuBackend(new BackendSettings(2, true));
    }

    /** One that computes every 3×3 convolution in one way, those too for which it does not pay. */
    static Backend backend(Algorithm algorithm, int threads, Kernels kernels) {
        BackendSettings settings = new BackendSettings(threads, algorithm == Algorithm.PRODUCT);
        return new CpuBackend(settings, kernels, (height, width, in, out, doubled) -> algorithm);
    }

    /** By a description. */
    public static Map<String, Backend> all(int threads) {
        Map<String, Backend> all = new LinkedHashMap<>();
        for (Algorithm algorithm : Algorithm.values()) {
            all.put("vector, " + algorithm, backend(algorithm, threads, new VectorKernels()));
            all.put("scalar, " + algorithm, backend(algorithm, threads, new ScalarKernels()));
        }
        return all;
    }
}
