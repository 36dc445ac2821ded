package io.github.lotus4j.cpu;

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

    /** Exact, or with every 3×3 convolution by Winograd, those too for which it does not pay. */
    static Backend backend(boolean exact, int threads, Kernels kernels) {
        return new CpuBackend(new BackendSettings(threads, exact), kernels, in -> !exact);
    }

    /** By a description. */
    public static Map<String, Backend> all(int threads) {
        Map<String, Backend> all = new LinkedHashMap<>();
        for (boolean exact : new boolean[] {true, false}) {
            String suffix = exact ? ", exact" : "";
            all.put("vector" + suffix, backend(exact, threads, new VectorKernels()));
            all.put("scalar" + suffix, backend(exact, threads, new ScalarKernels()));
        }
        return all;
    }
}
