package io.github.lotus4j.ops;

import io.github.lotus4j.error.LotusException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds backends with {@link ServiceLoader}. */
public final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    /** Takes the best that works. */
    public static final String AUTO = "auto";

    private Backends() {}

    /** What {@link #open} can be asked for. */
    public static SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(Set.of(AUTO));
        providers().forEach(each -> names.add(each.name()));
        return names;
    }

    private static List<BackendProvider> providers() {
        return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * Opens a backend and says at INFO which and why.
     *
     * @param name such as {@code cpu}, or {@link #AUTO}
     * @throws LotusException if there is none of that name, or it cannot run here
     */
    public static Backend open(String name, BackendSettings settings) {
        BackendProvider provider = providers().stream()
                .filter(each -> name.equals(each.name())
                        || (name.equals(AUTO) && each.unavailable().isEmpty()))
                .max(Comparator.comparingInt(BackendProvider::priority))
                .orElseThrow(
                        () -> new LotusException("there is no backend \"" + name + "\", expected one of " + names()));
        provider.unavailable().ifPresent(why -> {
            throw new LotusException("backend " + name + " cannot run: " + why);
        });
        Backend backend = provider.open(settings);
        LOG.info("{}", backend.description());
        return backend;
    }
}
