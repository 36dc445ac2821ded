package io.github.lotus4j.ops;

import java.util.List;
import java.util.Optional;

/** Finds a backend; looked up with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /** The name that a user selects, such as {@code cpu}. */
    String name();

    /** Order in automatic choice: the highest that works is taken; one below 0 is taken by its name only. */
    int priority();

    /** Why the backend cannot run here, with the cure; empty when it can. Never throws. */
    Optional<String> unavailable();

    /** Whether something on this machine lets its user expect that the backend runs, so that to do without it is told. Never throws. */
    default boolean expected() {
        return false;
    }

    /** What was found on this machine, line by line; does not say whether it will do. Never throws. */
    default List<String> findings() {
        return List.of();
    }

    /** @throws io.github.lotus4j.error.LotusException if it cannot run here or does not know an option, with the cure */
    Backend open(BackendSettings settings);
}
