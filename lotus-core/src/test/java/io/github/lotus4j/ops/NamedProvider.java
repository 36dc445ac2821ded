package io.github.lotus4j.ops;

import java.util.Optional;

/** Of a backend that only tests ask for, by its name. */
abstract class NamedProvider implements BackendProvider {
    private final String name;

    NamedProvider(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }
}
