package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendProvider;
import io.github.lotus4j.ops.BackendSettings;
import java.util.Optional;

/** Offers the CPU backend, which runs everywhere. */
public final class CpuBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public Backend open(BackendSettings settings) {
        return new CpuBackend(settings);
    }
}
