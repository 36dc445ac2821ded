package io.github.lotus4j.cpu;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendProvider;
import io.github.lotus4j.ops.BackendSettings;
import java.util.List;
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
    public List<String> findings() {
        return List.of(Runtime.getRuntime().availableProcessors() + " processors, "
                + Kernels.best().description());
    }

    @Override
    public Backend open(BackendSettings settings) {
        if (!settings.options().isEmpty()) {
            throw new LotusException("cpu has no options, found " + settings.options());
        }
        return new CpuBackend(settings);
    }
}
