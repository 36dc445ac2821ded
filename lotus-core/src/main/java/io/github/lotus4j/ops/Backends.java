package io.github.lotus4j.ops;

import io.github.lotus4j.error.LotusException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds backends with {@link ServiceLoader}. */
public final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    /** Takes the best that works. */
    public static final String AUTO = "auto";

    private Backends() {}

    /**
     * Opens a backend and says at INFO which and why.
     *
     * @param name such as {@code cpu}, or {@link #AUTO}
     * @throws LotusException if there is none of that name, or it cannot run here
     */
    public static Backend open(String name, BackendSettings settings) {
        List<BackendProvider> providers =
                ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        BackendProvider provider = providers.stream()
                .filter(each -> name.equals(each.name())
                        || (name.equals(AUTO) && each.unavailable().isEmpty()))
                .max(Comparator.comparingInt(BackendProvider::priority))
                .orElseThrow(() -> new LotusException("there is no backend \"" + name + "\", expected auto or one of "
                        + new TreeSet<>(
                                providers.stream().map(BackendProvider::name).toList())));
        provider.unavailable().ifPresent(why -> {
            throw new LotusException("backend " + name + " cannot run: " + why);
        });
        Backend backend = provider.open(settings);
        LOG.info("{}", backend.description());
        return backend;
    }
}
