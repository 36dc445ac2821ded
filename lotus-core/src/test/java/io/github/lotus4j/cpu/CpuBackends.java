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

    /** By a description. */
    public static Map<String, Backend> all() {
        Map<String, Backend> all = new LinkedHashMap<>();
        for (boolean exact : new boolean[] {true, false}) {
            String suffix = exact ? ", exact" : "";
            all.put("vector" + suffix, new CpuBackend(new BackendSettings(2, exact)));
            all.put("scalar" + suffix, new CpuBackend(new BackendSettings(2, exact), new ScalarKernels()));
        }
        return all;
    }
}
