package io.github.lotus4j.ops;

import io.github.lotus4j.error.LotusException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

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
     * What each backend finds on this machine and whether it can run, the one that {@link #AUTO} prefers first.
     *
     * @param unavailable why it cannot run, with the cure; empty where it can
     */
    public record Diagnosis(String backend, List<String> findings, Optional<String> unavailable) {}

    /** Asks every backend that {@link #AUTO} would. */
    public static List<Diagnosis> diagnose() {
        return automatic().stream()
                .map(each -> new Diagnosis(each.name(), each.findings(), each.unavailable()))
                .toList();
    }

    private static List<BackendProvider> automatic() {
        return providers().stream()
                .filter(each -> each.priority() >= 0)
                .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
                .toList();
    }

    /** Whether {@code name}, with options or without, is one of {@link #names()}. */
    public static boolean known(String name) {
        return names().contains(providerName(name));
    }

    private static String providerName(String name) {
        return name.split(":", 2)[0];
    }

    /**
     * Opens a backend and says at INFO which and why.
     *
     * @param name such as {@code cpu}, or {@link #AUTO}; its own options may follow, as in {@code cuda:1,bf16}
     * @throws LotusException if there is none of that name, or it cannot run here
     */
    public static Backend open(String name, BackendSettings settings) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(settings, "settings");
        if (!known(name)) {
            throw new LotusException("there is no backend \"" + name + "\", expected one of " + names()
                    + "; others are found when their module is on the class path (cuda: lotus-cuda)");
        }
        String[] parts = name.split(":", 2);
        BackendSettings full = parts.length == 1 ? settings : settings.withOptions(List.of(parts[1].split(",", -1)));
        Backend backend = parts[0].equals(AUTO) ? best(full) : named(parts[0], full);
        LOG.info("{}", backend.description());
        return backend;
    }

    private static Backend named(String name, BackendSettings settings) {
        BackendProvider provider = providers().stream()
                .filter(each -> name.equals(each.name()))
                .findFirst()
                .orElseThrow();
        try {
            return provider.open(settings);
        } catch (LotusException e) {
            throw new LotusException("backend " + name + " cannot run: " + e.getMessage(), e);
        }
    }

    private static Backend best(BackendSettings settings) {
        if (!settings.options().isEmpty()) {
            throw new LotusException("backend " + AUTO + " has no options, found " + settings.options());
        }
        for (BackendProvider each : automatic()) {
            Optional<String> unavailable = each.unavailable();
            if (unavailable.isPresent()) {
                Level level = each.expected() ? Level.WARN : Level.DEBUG;
                LOG.atLevel(level).log("backend {} cannot run: {}", each.name(), unavailable.get());
                continue;
            }
            try {
                return each.open(settings);
            } catch (LotusException e) {
                LOG.warn("backend {} cannot run: {}", each.name(), e.getMessage());
            }
        }
        throw new LotusException("no backend can run here");
    }
}
